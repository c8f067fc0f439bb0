"""The register of departments' seals: verified before they stand in it, and changed only with a reason."""

from pathlib import Path
from typing import Any

from mint import DAY, Mint, Seal, mint
from world import CONSUMER, OTHER, PROVIDER, Answer, File, World, in_days, running_world

from gateway.seals.model import Version

KIND = "application/octet-stream"


async def register(
    world: World, seal: Seal | bytes, org: str = CONSUMER, login: str = "platform-admin"
) -> Answer:
    raw = seal.raw if isinstance(seal, Seal) else seal
    return await world.as_(login, "POST", f"/v1/seals?org={org}", File(raw, KIND))


async def set_status(world: World, seal: str, status: str, **more: Any) -> Answer:
    body = {"status": status, "reason": "测试", **more}
    return await world.as_("platform-admin", "POST", f"/v1/seals/{seal}/status", body)


async def test_a_seal_of_every_version_is_registered_and_everybody_may_see_how_it_stands(
    shared_world: World,
) -> None:
    for version in Version:
        seal = mint().seal("自然资源局", version)
        made = (await register(shared_world, seal)).ok()
        assert (made["es_id"], made["org"], made["status"], made["format"]) == (
            seal.es_id,
            CONSUMER,
            "in_force",
            version,
        )
        shown = (await shared_world.as_("provider", "GET", f"/v1/seals/{made['id']}")).ok()
        assert shown == made
        assert "content" not in shown
    found = (
        await shared_world.as_("provider", "GET", f"/v1/seals?org={CONSUMER}&status=in_force&limit=200")
    ).ok()
    assert made["id"] in [one["id"] for one in found["items"]]


async def test_what_does_not_stand_its_verification_is_refused_with_each_step_in_both_languages(
    shared_world: World,
) -> None:
    good = mint().seal("自然资源局")
    flipped = bytearray(good.raw)
    flipped[-1] ^= 1
    stranger = Mint.opened(mint().folder / "stranger", mint().at)
    wrong: list[tuple[bytes, str, str]] = [
        (bytes(flipped), "S11", "SIGNATURE"),
        (
            mint().seal("自然资源局", start=mint().at - 90 * DAY, end=mint().at - DAY).raw,
            "S14",
            "OUTSIDE_SEAL_PERIOD",
        ),
        (mint().seal("自然资源局", start=mint().at + DAY).raw, "S14", "OUTSIDE_SEAL_PERIOD"),
        (stranger.seal("自然资源局").raw, "S12", "NO_ANCHOR"),
        (mint().seal("张三", type=2).raw, "S1", "PERSONAL_SEAL"),
        (mint().seal("自然资源局\x00").raw, "S1", "FORMAT"),
        (good.stamp(b"document"), "S1", "NOT_A_SEAL"),
        (b"%PDF-1.7 nothing", "S1", "NOT_A_SEAL"),
        (b"", "S1", "FORMAT"),
        (b"\x30\x80\x00\x00", "S1", "FORMAT"),
        (good.raw + b"\x00", "S1", "FORMAT"),
        (b"\x30" * 600_000, "S0", "LIMITS"),
    ]
    for raw, step, code in wrong:
        body = (await register(shared_world, raw)).refused(422, "seal-refused")
        assert (step, code) in [(one["step"], one["code"]) for one in body["steps"]], (
            step,
            code,
            body["steps"],
        )
        assert all(one["text"] and one["text_zh"] for one in body["steps"])
        assert all(one["detail"] and one["detail_zh"] for one in body["errors"])
    (await register(shared_world, good)).ok()


async def test_a_seal_is_registered_once_and_its_esid_is_in_use_once(shared_world: World) -> None:
    seal = mint().seal("自然资源局")
    made = (await register(shared_world, seal)).ok()
    (await register(shared_world, seal)).refused(409, "seal-known")
    anew = mint().seal("自然资源局", es_id=seal.es_id)
    (await register(shared_world, anew)).refused(409, "seal-known")
    (await set_status(shared_world, made["id"], "revoked")).ok()
    (await register(shared_world, anew)).ok()


async def test_only_the_platform_registers_and_only_for_departments_there_are(shared_world: World) -> None:
    seal = mint().seal("自然资源局")
    (await register(shared_world, seal, login="requester")).refused(403, "role-missing")
    (await register(shared_world, seal, login="security-admin")).refused(403, "role-missing")
    (await register(shared_world, seal, org="91350100M000100Y43")).refused(404, "no-such-holder")
    (await register(shared_world, seal, org=OTHER[:-1] + "B")).refused(422, "invalid")


async def test_a_status_changes_with_a_reason_and_leaves_its_history(shared_world: World) -> None:
    made = (await register(shared_world, mint().seal("市场监管局"), PROVIDER)).ok()
    one = made["id"]
    (await set_status(shared_world, one, "in_force")).refused(409, "seal-not-in-status")
    (await set_status(shared_world, one, "suspended", since=f"{in_days(-1)}T00:00:00Z")).refused(
        422, "invalid"
    )
    (await set_status(shared_world, one, "lost", since=f"{in_days(2)}T00:00:00Z")).refused(422, "invalid")
    for status in ("suspended", "in_force", "lost"):
        assert (await set_status(shared_world, one, status)).ok()["status"] == status
    (await set_status(shared_world, one, "in_force")).refused(409, "seal-not-in-status")
    assert (await set_status(shared_world, one, "suspended")).refused(409, "seal-not-in-status")[
        "status"
    ] == 409
    ended = (await set_status(shared_world, one, "revoked", since=f"{in_days(-1)}T00:00:00Z")).ok()
    assert [each["status"] for each in ended["history"]] == [
        "in_force",
        "suspended",
        "in_force",
        "lost",
        "revoked",
    ]
    (await set_status(shared_world, one, "in_force")).refused(409, "seal-not-in-status")
    events = await shared_world.audit(provider_org=PROVIDER)
    types = [event["type"] for event in events if event["object"].get("id") == one]
    assert types == ["seal.registered", *["seal.status_changed"] * 4]


async def test_a_gateway_without_trust_takes_no_seal_and_says_what_is_missing(database: Any) -> None:
    async with running_world(database, sealing={"trust_dir": None}) as world:
        body = (await register(world, mint().seal("自然资源局"))).refused(422, "seal-refused")
        assert ("S12", "unknown", "NO_ANCHOR") in [(s["step"], s["result"], s["code"]) for s in body["steps"]]
        refused = [event for event in await world.audit() if event["type"] == "seal.refused"]
        assert [event["outcome"] for event in refused] == ["deny"]


async def test_a_new_revocation_list_counts_without_restart(database: Any, tmp_path: Path) -> None:
    own = Mint.opened(tmp_path / "trust", mint().at)
    async with running_world(database, sealing={"trust_dir": str(own.folder)}) as world:
        (await register(world, own.seal("自然资源局"))).ok()
        (own.folder / "makers.crl").unlink()
        body = (await register(world, own.seal("自然资源局"))).refused(422, "seal-refused")
        assert [step["code"] for step in body["steps"]] == ["NO_REVOCATION_INFO"]
        own.list_revoked(number=2)
        (await register(world, own.seal("自然资源局"))).ok()
