"""The departments' electronic seals: an authority of the story's own, two seals made by it, and the rule that asks for them.

Keys are SM2 where the installed library passes its known answers, else P-256.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.demo.cast import CIVIL_AFFAIRS, NATURAL_RESOURCES, Department
from gateway.demo.resources import MARRIAGES
from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.files import to_pem
from gateway.seals.making import SealWish, seal, stamp
from gateway.seals.model import Version
from gateway.seals.selftest import proven_sm2
from gateway.seals.signing import Signer, new_private_key, signer_of
from gateway.seals.sm2 import Sm2Unavailable

SEALED: Final = (NATURAL_RESOURCES, CIVIL_AFFAIRS)
_YEAR: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)
_RULES: Final = f"""\
[[rules]]
id = "marriage-data"
on = ["application", "decision"]
resources = ["{MARRIAGES.description["code"]}"]
effective_from = 2026-01-01
source = "rule of the demonstration: marriage data on sealed papers only"
source_zh = "演示规则：婚姻登记信息须凭盖章文书共享"
"""


@dataclass(frozen=True, slots=True)
class Seal:
    """电子印章 of a department: the file to register, and the key that stamps with it."""

    raw: bytes
    signer: Issued

    def stamp(self, document: bytes) -> bytes:
        """A stamp on these bytes, as the department's own seal software makes it (GB/T 38540)."""
        return stamp(Version.V4, self.raw, self.signer, document, datetime.now(UTC), "whole document")


@dataclass(frozen=True, slots=True)
class Seals:
    """What was made: whom the gateway trusts, the rule it follows, each department's seal by the department's code."""

    trust: Path
    rules: Path
    family: str
    of: dict[str, Seal]

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a gateway that relies on these seals."""
        return {
            "GATEWAY__SEALING__TRUST_DIR": str(self.trust),
            "GATEWAY__SEALING__RULES_FILE": str(self.rules),
        }


def made_in(folder: Path) -> Seals:
    """Make all of it in a new folder.

    Raises:
        OSError: it cannot be written.
    """
    family, new_key = _keys()
    now = datetime.now(UTC).replace(microsecond=0)
    span = (now - _DAY, now + 2 * _YEAR)
    root = certify(Wish("示范签章根（演示）", *span, is_ca=True), new_key())
    maker_root = certify(Wish("示范制章根（演示）", *span, is_ca=True), new_key())
    maker = certify(Wish("示范制章单位（演示）", *span), new_key(), maker_root)
    for pool, issuer, listed in (
        ("anchors", root, "signers.crl"),
        ("maker-anchors", maker_root, "makers.crl"),
    ):
        (folder / pool).mkdir(parents=True)
        (folder / pool / "root.pem").write_bytes(to_pem("CERTIFICATE", issuer.der))
        (folder / listed).write_bytes(revoke(issuer, (), now - _DAY, now + _YEAR))
    rules = folder.with_name(f"{folder.name}.toml")
    rules.write_text(_RULES, "utf-8")
    held = {
        one.code: _seal(one, f"{number:014}", certify(Wish(one.name.zh, *span), new_key(), root), maker, now)
        for number, one in enumerate(SEALED, 1)
    }
    return Seals(folder, rules, family, held)


def _seal(of: Department, es_id: str, signer: Issued, maker: Issued, now: datetime) -> Seal:
    wish = SealWish(Version.V4, es_id, of.name.zh, (signer.der,), now - _DAY, now - _DAY, now + _YEAR)
    return Seal(seal(wish, maker), signer)


def _keys() -> tuple[str, Callable[[], Signer]]:
    try:
        sm2 = proven_sm2()
    except Sm2Unavailable:
        return "P-256", lambda: signer_of(new_private_key("p256", None), None)
    return "SM2", lambda: signer_of(new_private_key("sm2", sm2), sm2)
