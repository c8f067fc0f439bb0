"""Two authorities (one for signers, one for seal makers), a signer, a maker, and seals and stamps of every version."""

import io
import zipfile
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.certificates import read_certificate
from gateway.seals.making import SealWish, seal, stamp
from gateway.seals.model import Version
from gateway.seals.paths import Anchors
from gateway.seals.revocation import read_crl
from gateway.seals.signing import Signer, new_private_key, signer_of
from gateway.seals.sm2 import Sm2
from gateway.seals.verification import Trust, sm3

NOW = datetime(2026, 10, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENT = "庆阳市数据共享申请".encode()
PATH = "/Doc_0/Signs/Sign_0/Signature.xml"
SM2 = Sm2()


def new_key(kind: str) -> Signer:
    return signer_of(new_private_key(kind, SM2), SM2)


def wish(name: str, **changes: object) -> Wish:
    return replace(Wish(name, NOW - 400 * DAY, NOW + 400 * DAY), **changes)


@dataclass(frozen=True)
class SealWorld:
    """Everything a stamp needs, in one kind of key."""

    kind: str
    root: Issued
    signer: Issued
    maker_root: Issued
    maker: Issued

    def crl(self, *revoked: tuple[Issued, datetime], root: Issued | None = None, number: int = 1) -> bytes:
        entries = [(each.serial, when) for each, when in revoked]
        return revoke(root or self.root, entries, NOW - DAY, NOW + 7 * DAY, number)

    def trust(self, *lists: bytes) -> Trust:
        held = lists or (self.crl(), self.crl(root=self.maker_root))
        return Trust(
            signers=Anchors((read_certificate(self.root.der),)),
            makers=Anchors((read_certificate(self.maker_root.der),)),
            lists=tuple(map(read_crl, held)),
            sm2=SM2,
        )

    def seal_wish(self, version: Version, **changes: object) -> SealWish:
        plain = SealWish(
            version, "62100000000001", "庆阳市大数据局", (self.signer.der,),
            NOW - 100 * DAY, NOW - 100 * DAY, NOW + 100 * DAY,
        )  # fmt: skip
        return replace(plain, **changes)

    def seal(self, version: Version, maker: Issued | None = None, **changes: object) -> bytes:
        return seal(self.seal_wish(version, **changes), maker or self.maker)

    def stamp(
        self,
        version: Version,
        seal_der: bytes | None = None,
        signer: Issued | None = None,
        document: bytes = DOCUMENT,
        at: datetime = NOW - DAY,
        **more: object,
    ) -> bytes:
        return stamp(
            version, seal_der or self.seal(version), signer or self.signer, document, at, PATH, **more
        )


@cache
def seal_world(kind: str) -> SealWorld:
    root = certify(wish("示范签章根", is_ca=True), new_key(kind))
    maker_root = certify(wish("示范制章根", is_ca=True), new_key(kind))
    return SealWorld(
        kind,
        root,
        certify(wish("庆阳市大数据局"), new_key(kind), root),
        maker_root,
        certify(wish("示范制章人"), new_key(kind), maker_root),
    )


OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_files(world: SealWorld, version: Version = Version.V4, **changes: object) -> dict[str, bytes]:
    """The files of a signed OFD of one page; ``changes``: dropped (references), method, path, at."""
    files = {
        "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        f"<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>".encode(),
        "Doc_0/Document.xml": f"<ofd:Document {OFD}/>".encode(),
        "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {OFD}/>".encode(),
        "Doc_0/Signs/Signatures.xml": f'<ofd:Signatures {OFD}><ofd:Signature ID="1" Type="Seal" '
        f'BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'.encode(),
    }
    dropped = changes.get("dropped", ())
    listed = [name for name in files if "Signs" not in name and name not in dropped]  # type: ignore[operator]
    method = changes.get("method", "1.2.156.10197.1.401")
    references = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{b64encode(sm3(files[name])).decode()}'
        "</ofd:CheckValue></ofd:Reference>"
        for name in listed
    )
    signature = (
        f'<ofd:Signature {OFD}><ofd:SignedInfo><ofd:References CheckMethod="{method}">{references}'
        "</ofd:References><ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
        "<ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    ).encode()
    seal_der = world.seal(version)
    path = str(changes.get("path", PATH))
    value = stamp(version, seal_der, world.signer, signature, changes.get("at", NOW - DAY), path)  # type: ignore[arg-type]
    signs = {"Signature.xml": signature, "SignedValue.dat": value, "Seal.esl": seal_der}
    return files | {f"Doc_0/Signs/Sign_0/{name}": content for name, content in signs.items()}


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
