"""What ``./gw doctor`` says of the folder seals rely on: whom it trusts, and whether its revocation lists are current."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.cli.doctoring import Check, Words, fault, ok, warning
from gateway.sealing import TrustFolder

_NAME: Final = "seals"
_SOON: Final = timedelta(hours=12)
_RENEW: Final[Words] = (
    "Put the authorities' current revocation lists into sealing.trust_dir; until then stamps are indeterminate.",
    "请将发证机构最新的吊销列表放入 sealing.trust_dir；在此之前签章无法判定。",
)


def seal_trust(folder: Path | None, now: datetime) -> Check:
    """Whom seals rely on by the folder, and until when its lists are current.

    Raises:
        BadSettings: the folder cannot be read.
    """
    if folder is None:
        return ok(
            _NAME,
            "no folder of trust: seals rely on the recognised authorities alone",
            "未设置信任目录：电子印章仅依据认可的 CA 核验",
        )
    trusted = TrustFolder(folder)
    trusted.check()
    trust = trusted.current()
    past = [each.issuer_name for each in trust.lists if each.next_update is None or each.next_update < now]
    if past:
        names = ", ".join(past)
        return fault(_NAME, (f"not current: the list of {names}", f"吊销列表已过期：{names}"), _RENEW)
    soon = [each.issuer_name for each in trust.lists if each.next_update and each.next_update < now + _SOON]
    if soon:
        names = ", ".join(soon)
        return warning(
            _NAME, (f"ends within 12 hours: the list of {names}", f"吊销列表 12 小时内到期：{names}"), _RENEW
        )
    count = (len(trust.signers.certificates), len(trust.makers.certificates), len(trust.lists))
    return ok(
        _NAME,
        f"{count[0]} anchors of signers, {count[1]} of seal makers, {count[2]} current lists",
        f"签章者信任锚 {count[0]} 个、制章者信任锚 {count[1]} 个、有效吊销列表 {count[2]} 个",
    )
