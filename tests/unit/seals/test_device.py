"""A key in a device through PKCS #11, tried with SoftHSM2 where the machine has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from softhsm import needs_softhsm, softhsm

from gateway.seals.device import DeviceSigner, DeviceUnusable
from gateway.seals.statement import read_statement, seal_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys, jwk_of


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The module of a token with two key pairs."""
    with softhsm(tmp_path_factory.mktemp("hsm")) as module:
        yield module


@needs_softhsm
def test_a_key_in_a_device_seals_a_statement_and_never_leaves_it(token: Path) -> None:
    signer = DeviceSigner.open(token, "gateway", "gateway seal", "1234")
    jwk = jwk_of(signer)
    sealed = seal_statement("gateway-receipt", {"v": 1}, signer, jwk)
    found = read_statement(str(sealed).replace("'", '"').encode())
    verify_statement(found, accepted_keys([jwk]), None)
    key = load_der_public_key(signer.spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signer.sign(b"message"), b"message", ec.ECDSA(hashes.SHA256()))


@needs_softhsm
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
