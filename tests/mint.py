"""A mint of departments' seals: two authorities, a seal maker, signers, in a folder that gateways of tests trust."""

import atexit
import itertools
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sealing import new_key

from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.files import to_pem
from gateway.seals.making import SealWish, seal, stamp
from gateway.seals.model import Version

DAY = timedelta(days=1)
_IDS = itertools.count(62100000000001)


@dataclass(frozen=True)
class Seal:
    """A department's seal and the signer that stamps with it."""

    raw: bytes
    es_id: str
    signer: Issued

    def stamp(self, document: bytes, at: datetime | None = None, version: Version = Version.V4) -> bytes:
        return stamp(version, self.raw, self.signer, document, at or datetime.now(UTC), "whole document")


@dataclass(frozen=True)
class Mint:
    """Authorities and a maker of seals, good for years around ``at``."""

    folder: Path
    at: datetime
    kind: str
    root: Issued
    maker_root: Issued
    maker: Issued

    @classmethod
    def opened(cls, folder: Path, at: datetime, kind: str = "sm2") -> "Mint":
        span = (at - 1000 * DAY, at + 1000 * DAY)
        root = certify(Wish(f"示范签章根 {kind}", *span, is_ca=True), new_key(kind))
        maker_root = certify(Wish(f"示范制章根 {kind}", *span, is_ca=True), new_key(kind))
        maker = certify(Wish("示范制章人", *span), new_key(kind), maker_root)
        for name, anchor in (("anchors", root), ("maker-anchors", maker_root)):
            (folder / name).mkdir(parents=True)
            (folder / name / "root.pem").write_bytes(to_pem("CERTIFICATE", anchor.der))
        mint = cls(folder, at, kind, root, maker_root, maker)
        mint.list_revoked()
        return mint

    def list_revoked(self, *revoked: tuple[Issued, datetime], number: int = 1) -> None:
        """Publish revocation lists of both authorities."""
        for name, issuer in (("signers.crl", self.root), ("makers.crl", self.maker_root)):
            entries = [(each.serial, when) for each, when in revoked] if issuer is self.root else []
            listed = revoke(issuer, entries, self.at - DAY, self.at + 300 * DAY, number)
            (self.folder / name).write_bytes(listed)

    def signer(self, name: str) -> Issued:
        return certify(Wish(name, self.at - 400 * DAY, self.at + 400 * DAY), new_key(self.kind), self.root)

    def seal(self, name: str, version: Version = Version.V4, **changes: Any) -> Seal:
        """A new seal of a department, good for a hundred days on both sides unless changed."""
        signer = changes.pop("signer", None) or self.signer(name)
        plain = SealWish(
            version, str(next(_IDS)), name, (signer.der,), self.at - 100 * DAY, self.at - 100 * DAY, self.at + 100 * DAY
        )  # fmt: skip
        maker = changes.pop("maker", self.maker)
        wish = replace(plain, **changes)
        return Seal(seal(wish, maker), wish.es_id, signer)


@cache
def mint() -> Mint:
    """The mint of this process, as of now."""
    folder = Path(tempfile.mkdtemp(prefix="gxmint"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Mint.opened(folder, datetime.now(UTC).replace(microsecond=0))


def trust_dir() -> str:
    """What gateways of tests trust."""
    return str(mint().folder)
