"""Signatures in OFD documents (GB/T 33190): every reference, every part covered, and each stamp step by step.

``Signature.xml`` lists the digests of the document's files; the stamp is over its bytes, and names its path.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.seals.cms_seal import verify_cms
from gateway.seals.containers import ContainerRefused, resolve, unpack
from gateway.seals.report import Report, Step, clause
from gateway.seals.strict_xml import Element, XmlRefused, parse
from gateway.seals.verification import Outside, Trust, sm3, verify

_SM3: Final = frozenset({"1.2.156.10197.1.401", "1.2.156.10197.1.401.1", "SM3"})
_MOST_SIGNATURES: Final = 100
_NAMESPACE: Final = "http://www.ofdspec.org/2016"


class OfdRefused(ValueError):
    """The container is not a signed OFD; ``code`` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature of the document: where its files lie, and what it refers to."""

    path: str
    is_seal: bool
    value_path: str
    seal_path: str | None
    check_method: str
    references: tuple[tuple[str, str], ...]


def verify_ofd(data: bytes, trust: Trust, now: datetime, outside: Outside) -> Report:
    """Verify every signature of an OFD; one signature's steps are the report's own, several are its parts."""
    try:
        files = unpack(data)
    except ContainerRefused as fault:
        return Report("ofd", (Step("S0", "fail", "LIMITS", "", str(fault)),))
    steps = (Step("S0", "pass", "OK", ""),)
    try:
        signatures, lists = _signatures(files)
    except OfdRefused as fault:
        return Report("ofd", (*steps, _format("fail", fault.code, str(fault))))
    except (XmlRefused, ContainerRefused) as fault:
        return Report("ofd", (*steps, _format("fail", "FORMAT", str(fault))))
    free = lists | {
        part for each in signatures for part in (each.path, each.value_path, each.seal_path) if part
    }
    parts = tuple(_verify(each, files, free, trust, now, outside) for each in signatures)
    if len(parts) == 1:
        return replace(parts[0], kind="ofd")
    return Report("ofd", (*steps, _format("pass", "OK", "")), parts=parts)


def _format(result: str, code: str, detail: str) -> Step:
    return Step("S1", "pass" if result == "pass" else "fail", code, "GB/T 33190", detail)


def _verify(
    signature: _Signature,
    files: dict[str, bytes],
    free: set[str],
    trust: Trust,
    now: datetime,
    outside: Outside,
) -> Report:
    known = replace(
        outside,
        document=files[signature.path],
        seal_copy=files[signature.seal_path] if signature.seal_path else outside.seal_copy,
        property_info="/" + signature.path,
    )
    judge = verify if signature.is_seal else verify_cms
    report = judge(files[signature.value_path], trust, now, known)
    references = _references(signature, files, free)
    steps = [step for step in report.steps if step.step not in ("S0", "S10")]
    steps += [Step("S0", "pass", "OK", ""), references]
    return replace(report, steps=tuple(sorted(steps, key=lambda step: int(step.step[1:]))))


def _references(signature: _Signature, files: dict[str, bytes], free: set[str]) -> Step:
    """S10: every digest holds, and every file but those of signatures is covered."""

    def answer(code: str, detail: str) -> Step:
        return Step("S10", "fail", code, clause("S10", None), detail[:300])

    if signature.check_method not in _SM3:
        return answer("REFERENCE_ALGORITHM", "the references are not checked with SM3")
    covered = {name for name, _ in signature.references}
    if len(covered) != len(signature.references):
        return answer("REFERENCE_TWICE", "a file is referred to twice")
    for name, value in signature.references:
        if name not in files:
            return answer("REFERENCE_MISSING", f"{name} is not in the document")
        if not _holds(files[name], value):
            return answer("REFERENCE_DIGEST", f"{name} is not the file that was stamped")
    if left := sorted(files.keys() - covered - free):
        return answer("REFERENCE_UNCOVERED", f"{left[0]} is not covered by the signature")
    return Step("S10", "pass", "OK", clause("S10", None))


def _holds(content: bytes, value: str) -> bool:
    try:
        expected = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(expected, sm3(content))


def _signatures(files: dict[str, bytes]) -> tuple[list[_Signature], set[str]]:
    root = _parsed(files, "OFD.xml", "OFD")
    found: list[_Signature] = []
    lists: set[str] = set()
    for body in root.all("DocBody"):
        place = body.one("Signatures")
        if place is None:
            continue
        where = resolve(place.text, "OFD.xml")
        lists.add(where)
        for entry in _parsed(files, where, "Signatures").all("Signature"):
            found.append(_signature(files, entry, where))
    if not found:
        raise OfdRefused("NOT_SIGNED", "the document holds no signature")
    if len(found) > _MOST_SIGNATURES:
        raise OfdRefused("FORMAT", f"more than {_MOST_SIGNATURES} signatures")
    return found, lists


def _signature(files: dict[str, bytes], entry: Element, where: str) -> _Signature:
    path = resolve(entry.attributes.get("BaseLoc", ""), where)
    root = _parsed(files, path, "Signature")
    info, value = root.one("SignedInfo"), root.one("SignedValue")
    references = info.one("References") if info else None
    if info is None or value is None or references is None:
        raise OfdRefused("FORMAT", f"{path} lacks SignedInfo, References or SignedValue")
    seal = info.one("Seal")
    location = seal.one("BaseLoc") if seal else None
    found = _Signature(
        path,
        entry.attributes.get("Type", "Seal") == "Seal",
        resolve(value.text, path),
        resolve(location.text, path) if location else None,
        references.attributes.get("CheckMethod", "MD5"),
        tuple(_reference(each, path) for each in references.all("Reference")),
    )
    for part in (found.value_path, found.seal_path):
        if part is not None and part not in files:
            raise OfdRefused("FORMAT", f"{part} is not in the document")
    return found


def _reference(each: Element, path: str) -> tuple[str, str]:
    value = each.one("CheckValue")
    return resolve(each.attributes.get("FileRef", ""), path), value.text if value else ""


def _parsed(files: dict[str, bytes], name: str, root: str) -> Element:
    if name not in files:
        raise OfdRefused("FORMAT", f"{name} is not in the document")
    found = parse(files[name])
    if found.name != root or found.namespace not in (_NAMESPACE, ""):
        raise OfdRefused("FORMAT", f"{name} is not a {root} of OFD")
    return found
