"""What ``./gw doctor`` says of the recognised certification authorities (多 CA 互认)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.cli.doctoring import Check, Words, fault, ok, warning
from gateway.seals.recognition import Authority
from gateway.seals.recognition_files import load_recognition

_NAME: Final = "authorities"
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
