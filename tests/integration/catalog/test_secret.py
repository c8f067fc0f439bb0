"""A mount's secret: kept wrapped, opened for a call only, shown nowhere."""

import json
from typing import Any

import pytest
from world import PROVIDER, World, another

SECRET = "canary-Pa55word"
DSN = f"postgresql://reader:{SECRET}@127.0.0.1:9/market"
TABLE = {"kind": "table", "dsn": DSN, "relation": "company", "filters": {"uscc": "code"}}


async def mounted(world: World, mount: dict[str, Any]) -> tuple[str, Any]:
    made = (await world.as_("provider", "POST", "/v1/resources", another(mode="table"))).ok()
    path = f"/v1/resources/{made['id']}"
    return path, await world.as_("provider", "PUT", f"{path}/mount", {"mount": mount})


async def test_the_secret_of_a_mount_is_shown_nowhere(
    shared_world: World, shared_database: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    world, what = shared_world, another(mode="table")
    resource = await world.publish(what, TABLE)
    await world.granted(resource, mode="table")
    token = await world.access_token("registration", what["service"])
    failed = await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
    failed.refused(502, "upstream-unreachable")
    seen: list[Any] = [failed.body]
    for login in ("provider", "requester", "platform-admin", "security-admin", "auditor"):
        seen.append((await world.as_(login, "GET", f"/v1/resources/{resource}")).ok())
        seen.append((await world.as_(login, "GET", f"/v1/resources?q={what['code']}")).ok())
    seen.append(await world.audit())
    said = capfd.readouterr()
    assert "company" in json.dumps(seen)
    for place in (json.dumps(seen), said.out, said.err):
        assert SECRET not in place
        assert "reader:" not in place

    owner = await shared_database.owner()
    row = await owner.fetchrow(
        "SELECT mount::text, mount_secret FROM catalog.resource WHERE id = $1", resource
    )
    everything = await owner.fetch("SELECT r::text FROM catalog.resource r")
    await owner.close()
    assert "dsn" not in row["mount"]
    assert len(row["mount_secret"]) > len(DSN)
    assert SECRET.encode() not in row["mount_secret"]
    assert SECRET not in str(everything)


async def test_a_secret_moved_to_another_row_does_not_open(shared_world: World, shared_database: Any) -> None:
    """The wrapping is bound to its resource: an operator of the database cannot point one service at another's data."""
    world, one, other = shared_world, another(mode="table"), another(mode="table")
    first, second = await world.publish(one, TABLE), await world.publish(other, TABLE)
    owner = await shared_database.owner()
    await owner.execute(
        "UPDATE catalog.resource SET mount_secret = (SELECT mount_secret FROM catalog.resource WHERE id = $1) WHERE id = $2",
        first, second,
    )  # fmt: skip
    await owner.close()
    await world.granted(second, mode="table")
    token = await world.access_token("registration", other["service"])
    answer = await world.call(token, other["service"], {"parameters": {"uscc": PROVIDER}})
    assert answer.status >= 500
    assert "records" not in answer.body


@pytest.mark.parametrize(
    "dsn",
    [
        None,
        f"postgresql://reader:{SECRET}@127.0.0.1:9/",
        f"postgresql://127.0.0.1:9/market?password={SECRET}",
        f"postgresql://reader:{SECRET}@127.0.0.1:port/market",
        f"postgresql://reader:{SECRET}/x@127.0.0.1:9/market",
        f"postgresql://reader:{SECRET}@127.0.0.1:9/market?sslmode=require",
        f"mssql://reader:{SECRET}@127.0.0.1:9/market",
        f"postgresql://reader:{SECRET}é@127.0.0.1:9/market",
    ],
)
async def test_an_address_that_cannot_be_followed_is_refused_without_repeating_it(
    dsn: str | None, shared_world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    path, answer = await mounted(shared_world, {**TABLE, "dsn": dsn})
    problem = answer.refused(422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == ["/mount/dsn"]
    said = capfd.readouterr()
    assert SECRET not in json.dumps(problem) + said.out + said.err
    assert (await shared_world.as_("provider", "GET", path)).ok()["mounted"] is False


async def test_a_new_mount_replaces_the_old_secret(shared_world: World, shared_database: Any) -> None:
    path, answer = await mounted(shared_world, TABLE)
    assert answer.ok()["mount"] == {
        **{k: v for k, v in TABLE.items() if k != "dsn"},
        "schema_name": "public",
        "key": None,
        "sources": {},
        "updated": None,
    }
    owner = await shared_database.owner()
    ask = "SELECT mount_secret FROM catalog.resource WHERE id = $1"
    before = await owner.fetchval(ask, path.rpartition("/")[2])
    (await shared_world.as_("provider", "PUT", f"{path}/mount", {"mount": TABLE})).ok()
    after = await owner.fetchval(ask, path.rpartition("/")[2])
    await owner.close()
    assert before != after
