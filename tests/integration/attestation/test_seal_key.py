"""Where the seal key is: wrapped in the database, of ES256 or SM2, or in a device; and what stops the start."""

import json
from pathlib import Path
from typing import Any

import pytest
from softhsm import PIN, needs_softhsm, softhsm
from world import World, another, http_mount, running_gateway, running_world

from gateway.seals.sm2 import Sm2
from gateway.seals.statement import Statement, read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys
from gateway.storage import Zone


async def sealed(world: World) -> Statement:
    """A decision's seal that verifies with the published keys."""
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    await world.integrated()
    made = (await world.as_("requester", "GET", f"/v1/applications/{filed}/decision-seal")).ok()
    keys = (await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()["keys"]
    found = read_statement(json.dumps(made).encode())
    verify_statement(found, accepted_keys(keys), Sm2())
    return found


async def test_the_settings_choose_the_algorithm_and_a_change_makes_a_new_key(database: Any) -> None:
    async with running_gateway(database):
        pass
    async with running_world(database, attestation={"algorithm": "SM2"}) as world:
        assert (await sealed(world)).algorithm == "SM2SM3"
        keys = (await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()["keys"]
        assert [key["alg"] for key in keys] == ["SM2SM3", "ES256"]
        made = [
            event["detail"]["algorithm"]
            for event in await world.audit(type="key.created")
            if "detail" in event
        ]
        assert made == ["ES256", "SM2SM3"]
        owner = await database.owner()
        try:
            wrapped = await owner.fetchval(
                "SELECT private_wrapped FROM attestation.seal_key WHERE retired_at IS NULL"
            )
        finally:
            await owner.close()
        assert b"\x2a\x81\x1c\xcf\x55" not in wrapped  # the OID of SM2 would stand in a readable key
    pool = await database.open(Zone.EXCHANGE)
    async with pool.connection() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("SELECT kid FROM attestation.seal_key")


@needs_softhsm
async def test_the_key_may_be_in_a_device_and_is_not_rotated_from_here(database: Any, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text(PIN)
    pin.chmod(0o600)
    with softhsm(tmp_path) as module:
        place = {"key": "pkcs11", "pkcs11_module": module, "pkcs11_pin_file": pin}
        async with running_world(database, attestation=place) as world:
            assert (await sealed(world)).algorithm == "ES256"
            (await world.as_("security-admin", "POST", "/v1/seal-keys/rotate")).refused(409, "key-in-device")
        async with running_gateway(database, attestation=place):
            pass  # the same key: nothing new is made
        owner = await database.owner()
        try:
            rows = await owner.fetch("SELECT private_wrapped IS NULL AS elsewhere FROM attestation.seal_key")
        finally:
            await owner.close()
        assert [row["elsewhere"] for row in rows] == [True]
