"""A key in a device through PKCS #11, tried with SoftHSM2 where the machine has it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.seals.device import DeviceSigner, DeviceUnusable
from gateway.seals.statement import read_statement, seal_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys, jwk_of

MODULES = [
    Path(folder) / "softhsm" / "libsofthsm2.so"
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu")
]
MODULE = next((found for found in MODULES if found.exists()), None)
needs_device = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM2 (package softhsm2) is not installed",
)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A token of SoftHSM2 with a P-256 and a P-384 key pair."""
    pkcs11 = pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    made = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "gateway",
        "--so-pin",
        "5678",
        "--pin",
        "1234",
    ]
    subprocess.run(made, check=True, capture_output=True)
    assert MODULE is not None
    with pkcs11.lib(str(MODULE)).get_token(token_label="gateway").open(user_pin="1234", rw=True) as session:
        for label, curve in (("gateway seal", "secp256r1"), ("long", "secp384r1")):
            named = pkcs11.util.ec.encode_named_curve_parameters(curve)
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: named}, local=True
            )
            parameters.generate_keypair(store=True, label=label)
    yield MODULE
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@needs_device
def test_a_key_in_a_device_seals_a_statement_and_never_leaves_it(token: Path) -> None:
    signer = DeviceSigner.open(token, "gateway", "gateway seal", "1234")
    jwk = jwk_of(signer)
    sealed = seal_statement("gateway-receipt", {"v": 1}, signer, jwk)
    found = read_statement(str(sealed).replace("'", '"').encode())
    verify_statement(found, accepted_keys([jwk]), None)
    key = load_der_public_key(signer.spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signer.sign(b"message"), b"message", ec.ECDSA(hashes.SHA256()))


@needs_device
def test_a_wrong_pin_token_label_or_curve_is_refused_in_words(token: Path) -> None:
    for name, label, pin in (
        ("gateway", "gateway seal", "9999"),
        ("elsewhere", "gateway seal", "1234"),
        ("gateway", "nothing", "1234"),
        ("gateway", "long", "1234"),
    ):
        with pytest.raises(DeviceUnusable):
            DeviceSigner.open(token, name, label, pin)


def test_a_module_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    pytest.importorskip("pkcs11")
    with pytest.raises(DeviceUnusable):
        DeviceSigner.open(tmp_path / "none.so", "gateway", "gateway seal", "1234")
