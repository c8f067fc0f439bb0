"""What stops the start before the database is asked: a device that the settings name and that cannot be used."""

from pathlib import Path
from typing import Any, cast

import pytest

from gateway.attestation.keys import SealKeys
from gateway.errors import BadSettings
from gateway.seals import Vault
from gateway.settings import Attestation
from gateway.storage import Database


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"algorithm": "SM2"}, "no standard SM2"),
        ({"pkcs11_module": None}, "needs pkcs11_module"),
        ({"mode": 0o644}, "chmod 600"),
        ({"pkcs11_pin_file": Path("/nonexistent/pin")}, "cannot be read"),
        ({}, "device"),
    ],
    ids=["SM2", "no module", "an open PIN file", "no PIN file", "no such library"],
)
async def test_a_device_that_cannot_be_used_stops_the_start(
    given: dict[str, Any], why: str, tmp_path: Path
) -> None:
    pin = tmp_path / "pin"
    pin.write_text("1234")
    mode = {"mode": 0o600, **given}.pop("mode")
    pin.chmod(mode)
    place = {name: value for name, value in given.items() if name != "mode"}
    settings = Attestation(
        **{"key": "pkcs11", "pkcs11_module": tmp_path / "none.so", "pkcs11_pin_file": pin, **place}
    )
    keys = SealKeys(cast(Database, None), cast(Any, None), Vault(bytes(32), "seal keys"), settings)
    with pytest.raises(BadSettings, match=why):
        await keys.ready()
    keys.close()
