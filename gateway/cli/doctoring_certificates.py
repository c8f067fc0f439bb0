"""What ``./gw doctor`` says of the recognised certification authorities (多 CA 互认)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.cli.doctoring import Check, Words, fault, ok, warning
from gateway.identity.revocation.model import Kind
from gateway.identity.revocation.store import standing
from gateway.seals.recognition import Authority
from gateway.seals.recognition_files import load_recognition, recognised
from gateway.settings import Certificates
from gateway.storage import Database

_NAME: Final = "authorities"
_LISTS: Final = "revocation"
_SOON: Final = timedelta(days=60)
_RENEW: Final[Words] = (
    "Get the authority's new certificate, or end its recognition in config/authorities.",
    "请取得该机构的新证书，或在 config/authorities 中终止认可。",
)


def authorities(folder: Path, now: datetime) -> Check:
    """Which authorities are recognised; what of them has ended or ends soon."""
    found = load_recognition(folder).authorities
    if not found:
        return ok(
            _NAME,
            "none: application systems are registered by key or by a self-signed certificate",
            "未认可任何 CA：应用系统以公钥或自签名证书登记",
        )
    gone = [words for each in found for words in _ended(each, now)]
    if gone:
        return fault(_NAME, _joined(gone), _RENEW)
    ending = [words for each in found for words in _ended(each, now + _SOON)]
    if ending:
        within = (
            f"within {_SOON.days} days: {_joined(ending)[0]}",
            f"{_SOON.days} 天内：{_joined(ending)[1]}",
        )
        return warning(_NAME, within, _RENEW)
    names = ", ".join(f"{each.id} ({', '.join(sorted(each.uses))})" for each in found)
    return ok(_NAME, f"recognised: {names}", f"已认可：{names}")


async def revocation(settings: Certificates, database: Database, now: datetime) -> Check:
    """Whether the recognised authorities' revocation lists are current; without one its systems are refused.

    Args:
        database: the control zone's.
    """
    async with database.connection() as connection:
        held = await standing(connection)
    return freshness(recognised(settings).authorities, held, now)


def freshness(
    found: Iterable[Authority],
    held: Mapping[tuple[str, Kind], tuple[datetime, datetime | None]],
    now: datetime,
) -> Check:
    """The check by what is held of each authority and kind: when it was received, and until when it is current.

    Authorities whose revocations need not be known are passed over, and those of which only answers are heard: these are
    about single certificates.
    """
    asked = [
        each for each in found if each.revocation_required and each.by_list and each.is_recognised_at(now)
    ]
    past = []
    for authority in asked:
        until = held.get((authority.id, Kind.CRL), (None, None))[1]
        answers = held.get((authority.id, Kind.OCSP), (None, None))[1] if authority.by_answer else None
        if all(each is None or each < now for each in (until, answers)):
            past.append(authority.id)
    if past:
        names = ", ".join(past)
        return warning(
            _LISTS,
            (
                f"no current revocation information of {names}: its certificates are refused",
                f"{names} 没有有效的吊销信息，其证书一律不予接受",
            ),
            (
                "Bring the authority's list with POST /v1/revocation-evidence, or name its address in config/authorities.",
                "请通过 POST /v1/revocation-evidence 录入其吊销列表，或在 config/authorities 中配置其地址。",
            ),
        )
    if not asked:
        return ok(_LISTS, "no authority whose lists are needed", "没有需要吊销列表的 CA")
    return ok(_LISTS, f"current for {len(asked)} authorities", f"{len(asked)} 个 CA 的吊销信息均有效")


def _ended(authority: Authority, at: datetime) -> list[Words]:
    told = [
        (f"the certificate {anchor.subject} of {authority.id} is not valid", f"{authority.id} 的证书 {anchor.subject} 不在有效期")
        for anchor in authority.anchors
        if not anchor.is_valid_at(at)
    ]  # fmt: skip
    if not authority.is_recognised_at(at):
        told.append((f"{authority.id} is not recognised", f"{authority.id} 不在认可期内"))
    return told


def _joined(told: list[Words]) -> Words:
    return "; ".join(words[0] for words in told), "；".join(words[1] for words in told)
