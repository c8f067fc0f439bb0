"""Certificates, lists, timestamps and CMS written by the openssl command line: a second hand than ours."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sealing import DOCUMENT, SM2, SealWorld

from gateway.seals.authority import Issued
from gateway.seals.chains import ChainReport, verify_chain
from gateway.seals.documents import verify_any
from gateway.seals.files import pem_blocks, read_anchors, read_lists
from gateway.seals.making import stamp
from gateway.seals.model import Version
from gateway.seals.ocsp import read_ocsp
from gateway.seals.signing import signer_of
from gateway.seals.verification import Outside, Trust, verify

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)

CONFIG = """
[ca]
default_ca = ca
[ca]
database = index.txt
serial = serial
crlnumber = crlnumber
default_md = {md}
default_crl_days = 5
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ocsp]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ts]
default_tsa = one
[one]
serial = tsserial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class OpenSsl:
    """An authority of the command line's in a folder."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.md = "sm3" if kind == "sm2" else "sha256"
        for name, content in {"index.txt": "", "serial": "01", "crlnumber": "01", "tsserial": "01",
                              "c.cnf": CONFIG.format(md=self.md)}.items():  # fmt: skip
            (folder / name).write_text(content)
        (folder / "anchors").mkdir()
        distid = ["-sigopt", "distid:1234567812345678"] if kind == "sm2" else []
        self.distid = distid
        self.key("root")
        self("req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=root", "-days", "30", "-out",
             "anchors/root.pem", "-config", "c.cnf", "-extensions", "root", f"-{self.md}", *distid)  # fmt: skip

    def __call__(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=30)

    def key(self, name: str) -> None:
        how = ["-algorithm", "SM2"] if self.kind == "sm2" else ["-algorithm", "RSA"]
        self("genpkey", *how, "-out", f"{name}.key")

    def leaf(self, name: str, section: str = "leaf") -> bytes:
        self.key(name)
        self("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr", f"-{self.md}",
             "-config", "c.cnf", *self.distid)  # fmt: skip
        vfy = ["-vfyopt", self.distid[1]] if self.distid else []
        self("x509", "-req", "-in", f"{name}.csr", "-CA", "anchors/root.pem", "-CAkey", "root.key",
             "-CAcreateserial", "-days", "20", "-out", f"{name}.pem", "-extfile", "c.cnf", "-extensions",
             section, f"-{self.md}", *self.distid, *vfy)  # fmt: skip
        return (self.folder / f"{name}.pem").read_bytes()

    def crl(self, *revoked: str) -> Path:
        common = ["-config", "c.cnf", "-keyfile", "root.key", "-cert", "anchors/root.pem", *self.distid]
        for name in revoked:
            self("ca", "-revoke", f"{name}.pem", *common)
        self("ca", "-gencrl", "-out", "list.pem", *common)
        return self.folder / "list.pem"

    def ocsp(self, name: str, responder: str) -> bytes:
        """The answer of the command line's responder about a certificate its authority has issued or revoked."""
        common = ("-CA", "anchors/root.pem", "-rsigner", f"{responder}.pem", "-rkey", f"{responder}.key")
        self("ocsp", "-issuer", "anchors/root.pem", "-cert", f"{name}.pem", "-reqout", "question.der")
        distid = ["-rsigopt", self.distid[1]] if self.distid else []
        self("ocsp", "-index", "index.txt", *common, "-reqin", "question.der", "-respout", "answer.der", "-ndays", "2",
             "-rmd", self.md, *distid)  # fmt: skip
        return (self.folder / "answer.der").read_bytes()

    def note(self, name: str) -> None:
        """Enter a certificate in the index from which the responder answers."""
        self(
            "ca",
            "-valid",
            f"{name}.pem",
            "-config",
            "c.cnf",
            "-keyfile",
            "root.key",
            "-cert",
            "anchors/root.pem",
            *self.distid,
        )

    def trust(self, crl: Path) -> Trust:
        anchors = read_anchors(self.folder / "anchors")
        return Trust(signers=anchors, makers=anchors, timestamps=anchors, lists=read_lists([crl])[0], sm2=SM2)


@pytest.fixture(params=["sm2", "rsa"])
def openssl(request: pytest.FixtureRequest, tmp_path: Path) -> OpenSsl:
    return OpenSsl(tmp_path, request.param)


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=2)


def test_a_chain_of_openssl_is_valid_until_it_is_revoked(openssl: OpenSsl) -> None:
    chain = openssl.leaf("leaf")
    good = verify_chain(chain, openssl.trust(openssl.crl()), now(), "seal")
    assert good.verdict == "valid", good.checks
    bad = verify_chain(chain, openssl.trust(openssl.crl("leaf")), now(), "seal")
    assert [check.code for check in bad.checks if check.result == "fail"] == ["REVOKED"]


def test_the_answers_of_openssls_responder_are_read_and_believed(openssl: OpenSsl) -> None:
    chain = openssl.leaf("leaf")
    openssl.leaf("responder", "ocsp")
    anchors = read_anchors(openssl.folder / "anchors")

    def asked() -> ChainReport:
        said = read_ocsp(openssl.ocsp("leaf", "responder"))
        return verify_chain(chain, Trust(signers=anchors, responses=(said,), sm2=SM2), now(), "seal")

    assert [check.code for check in asked().checks if check.result != "pass"] == [
        "NO_REVOCATION_INFO"
    ]  # it knows no such
    openssl.note("leaf")
    good = asked()
    assert good.verdict == "valid", good.checks
    openssl.crl("leaf")
    assert [check.code for check in asked().checks if check.result == "fail"] == ["REVOKED"]


def test_a_certificate_of_sm2_signed_under_another_id_is_invalid(tmp_path: Path) -> None:
    made = OpenSsl(tmp_path, "sm2")
    made.distid = ["-sigopt", "distid:ALICE123@YAHOO.COM"]
    report = verify_chain(made.leaf("leaf"), made.trust(made.folder / "leaf.pem"), now(), "seal")
    assert report.verdict == "invalid"


def test_a_stamp_by_keys_of_openssl_with_its_timestamp_is_valid_and_proven(tmp_path: Path) -> None:
    made = OpenSsl(tmp_path, "rsa")
    (cert,) = pem_blocks(made.leaf("signer"), "CERTIFICATE")
    made.leaf("tsa", "tsa")
    (key,) = pem_blocks((made.folder / "signer.key").read_bytes(), "PRIVATE KEY")
    signer = Issued(cert, signer_of(key, SM2))
    at = datetime.now(UTC) + timedelta(seconds=1)
    world = SealWorld("rsa", signer, signer, signer, signer)
    seal = world.seal(Version.V4, created=at, start=at - timedelta(days=1), end=at + timedelta(days=1))

    def timestamp(value: bytes) -> bytes:
        (made.folder / "value").write_bytes(value)
        made("ts", "-query", "-data", "value", "-sha256", "-cert", "-out", "q")
        made("ts", "-reply", "-config", "c.cnf", "-section", "one", "-queryfile", "q", "-signer", "tsa.pem",
             "-inkey", "tsa.key", "-token_out", "-out", "token")  # fmt: skip
        return (made.folder / "token").read_bytes()

    raw = stamp(Version.V4, seal, signer, DOCUMENT, at, "p", timestamp=timestamp)
    trust = made.trust(made.crl())
    report = verify(raw, trust, now(), Outside(DOCUMENT))
    assert report.verdict == "valid", [step for step in report.steps if step.result != "pass"]
    assert report.times.proven is not None
    moved = stamp(Version.V4, seal, signer, b"other", at, "p", timestamp=lambda _: timestamp(b"else"))
    steps = {step.step: step.code for step in verify(moved, trust, now(), Outside(b"other")).steps}
    assert steps["S4"] == "TIMESTAMP"


@pytest.mark.parametrize("inside", [True, False])
def test_cms_of_openssl_is_valid_and_its_twins_are_not(tmp_path: Path, inside: bool) -> None:
    made = OpenSsl(tmp_path, "rsa")
    made.leaf("signer")
    document = made.folder / "document"
    document.write_bytes(DOCUMENT)
    made("cms", "-sign", "-binary", "-in", "document", "-signer", "signer.pem", "-inkey", "signer.key", "-outform",
         "DER", "-out", "c.p7", "-md", "sha256", *(["-nodetach"] if inside else []))  # fmt: skip
    file, trust = made.folder / "c.p7", made.trust(made.crl())
    report = verify_any(file, trust, now(), Outside(DOCUMENT))
    assert (report.kind, report.verdict) == ("cms", "valid"), report.steps
    assert verify_any(file, trust, now(), Outside(b"other")).verdict == "invalid"
    assert verify_any(file, trust, now(), Outside()).verdict == ("valid" if inside else "indeterminate")
    raw = file.read_bytes()
    for place in range(0, len(raw), 41):
        file.write_bytes(raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :])
        assert verify_any(file, trust, now(), Outside(DOCUMENT)).verdict != "valid"
