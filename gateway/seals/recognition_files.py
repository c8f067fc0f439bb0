"""Reading ``config/authorities``: one TOML file for each recognised authority, its certificates beside it."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from gateway.errors import BadSettings
from gateway.seals.certificates import BadCertificate, Certificate, is_strong
from gateway.seals.files import read_chain
from gateway.seals.recognition import Authority, Family, Recognition, Use, family_of
from gateway.sections import Section
from gateway.settings import Certificates, config_dir

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_File = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
_Url = Annotated[str, Field(pattern=r"^https?://[^/\s]+(/[!-~]{0,200})?$")]


class BadAuthority(BadSettings):
    """A recognised certification authority is wrongly described（认可的 CA 配置有误）."""

    remedy = (
        "Correct the file in config/authorities; ./gw doctor says what is wrong.",
        "请更正 config/authorities 中的文件；./gw doctor 会指出问题。",
    )


class _Described(Section):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
    name: _Name
    enabled: bool = False
    certificates: Annotated[tuple[_File, ...], Field(min_length=1, max_length=20)]
    uses: Annotated[frozenset[Use], Field(min_length=1)]
    algorithms: Annotated[frozenset[Family], Field(min_length=1)]
    revocation: Literal["required", "when_known"] = "required"
    sources: Annotated[frozenset[Literal["crl", "ocsp"]], Field(min_length=1)] = frozenset({"crl", "ocsp"})
    binding: Literal["certificate", "subject"] = "certificate"
    recognised_from: date
    recognised_until: date | None = None
    crl_urls: Annotated[tuple[_Url, ...], Field(max_length=20)] = ()
    ocsp_url: _Url | None = None
    ocsp_nonce: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.recognised_until is not None and self.recognised_until < self.recognised_from:
            raise ValueError("recognised_until lies before recognised_from")
        if self.crl_urls and "crl" not in self.sources:
            raise ValueError("crl_urls are given, but sources does not name crl")
        if self.ocsp_url and "ocsp" not in self.sources:
            raise ValueError("ocsp_url is given, but sources does not name ocsp")
        return self


def recognised(settings: Certificates) -> Recognition:
    """The authorities recognised here.

    Raises:
        BadAuthority: as for :func:`load_recognition`.
    """
    return load_recognition(settings.folder or config_dir() / "authorities")


def load_recognition(folder: Path) -> Recognition:
    """The enabled authorities of a folder; none if there is no folder.

    Raises:
        BadAuthority: a file is wrong, a certificate cannot be relied on, or two authorities share an anchor for one use.
    """
    found: list[Authority] = []
    for file in sorted(folder.glob("*.toml")):
        described = _described(file)
        if any(each.id == described.id for each in found):
            raise BadAuthority(f"{file}: {described.id} stands twice", f"{file}：{described.id} 重复")
        if described.enabled:
            found.append(_authority(file, described))
    _check_disjoint(found)
    return Recognition(found)


def _described(file: Path) -> _Described:
    try:
        return _Described.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as wrong:
        said = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in wrong.errors())
        raise BadAuthority(f"{file}: {said}", f"{file}：{said}") from None
    except (OSError, ValueError) as wrong:
        raise BadAuthority(f"{file}: {wrong}", f"{file} 无法读取：{wrong}") from None


def _authority(file: Path, given: _Described) -> Authority:
    anchors = tuple(anchor for name in given.certificates for anchor in _anchors(file.parent / name))
    for anchor in anchors:
        if family_of(anchor) not in given.algorithms:
            raise BadAuthority(
                f"{file}: {anchor.subject} has a {family_of(anchor)} key, which algorithms does not name",
                f"{file}：{anchor.subject} 的密钥算法 {family_of(anchor)} 不在 algorithms 之列",
            )
    return Authority(
        id=given.id,
        name=given.name,
        anchors=anchors,
        uses=given.uses,
        algorithms=given.algorithms,
        revocation_required=given.revocation == "required",
        by_list="crl" in given.sources,
        by_answer="ocsp" in given.sources,
        binding=given.binding,
        recognised_from=given.recognised_from,
        recognised_until=given.recognised_until,
        crl_urls=given.crl_urls,
        ocsp_url=given.ocsp_url,
        ocsp_nonce=given.ocsp_nonce,
    )


def _anchors(file: Path) -> Iterator[Certificate]:
    try:
        held = read_chain(file.read_bytes())
    except (OSError, BadCertificate) as fault:
        raise BadAuthority(f"{file} cannot be used: {fault}", f"CA 证书 {file} 不可用：{fault}") from None
    for each in held:
        if not each.is_ca or not is_strong(each):
            raise BadAuthority(
                f"{file}: {each.subject} is no certification authority with a strong key",
                f"{file}：{each.subject} 不是密钥强度合格的 CA 证书",
            )
        yield each


def _check_disjoint(found: list[Authority]) -> None:
    held: dict[tuple[Use, bytes], str] = {}
    for authority in found:
        for use in sorted(authority.uses):
            for anchor in authority.anchors:
                other = held.setdefault((use, anchor.spki), authority.id)
                if other != authority.id:
                    raise BadAuthority(
                        f"{other} and {authority.id} share {anchor.subject} for {use}: which policy holds is not clear",
                        f"{other} 与 {authority.id} 在用途 {use} 上使用同一 CA 证书 {anchor.subject}，无法确定适用策略",
                    )
