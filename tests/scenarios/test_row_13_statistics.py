"""mission row 13, 态势分析: what is wanted but missing, granted but unused, late; each figure can be reproduced."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from handclock import HandClock
from makes import CONTROLLED
from world import CONSUMER, PROVIDER, World, another, form, http_mount, provider_service, running_world

REFUSAL = {
    "reason": "conditions_not_met",
    "condition": "限不动产登记业务",
    "basis": "《政务数据共享条例》第二十一条",
    "explanation": "不符合目录所列条件",
}


@pytest.fixture(scope="module")
async def year(shared_database: Any) -> AsyncIterator[World]:
    """Since 2026-09-01: one application approved in time and used, one refused late, one approved and unused, one open."""
    clock = HandClock("2026-09-01T09:00")
    async with provider_service() as (base, _), running_world(shared_database, now=clock) as world:
        conditional = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}
        what = [another(parameters=[CONTROLLED], **conditional) for _ in range(3)]
        used, refused, unused = [await world.publish(one, http_mount(base)) for one in what]

        async def filed(resource: str) -> str:
            asked = form(resource, **clock.dates())
            made = (await world.as_("requester", "POST", "/v1/applications", asked)).ok()["id"]
            await world.accept(made)
            return f"/v1/applications/{made}"

        signed = {"sign_off": clock.dates()["sign_off"]}
        for resource in (used, unused):
            path = await filed(resource)
            (await world.as_("provider", "POST", f"{path}/approve", {"narrowed": {}, **signed})).ok()
        late = await filed(refused)
        signed_then = {"client_assertion": assertion(world, clock)}
        token = await world.access_token("registration", what[0]["service"], **signed_then)
        for _ in range(2):
            (await world.call(token, what[0]["service"], {"parameters": {"uscc": PROVIDER}})).ok()
        clock.set("2026-09-28T09:00", world)
        (await world.as_("provider", "POST", f"{late}/refuse", {**REFUSAL, **signed})).ok()
        await filed(refused)
        clock.set("2026-12-15T09:00", world)
        yield world


def assertion(world: World, clock: HandClock) -> str:
    """What the system signs to get a token, at the clock's time."""
    key, now = world.keys["registration"], int(clock().timestamp())
    claims = {
        "iss": "registration", "sub": "registration", "aud": world.gateway.issuer, "jti": uuid4().hex, "iat": now,
        "exp": now + 60,
    }  # fmt: skip
    headers = {"typ": "client-authentication+jwt", "kid": key.kid}
    return jwt.encode(claims, key.private, algorithm="ES256", headers=headers)


async def told(world: World, login: str, **query: str) -> list[dict[str, Any]]:
    """All pages of a list of figures, three rows at a time."""
    rows, cursor = [], {}
    while True:
        asked = "&".join(f"{name}={value}" for name, value in {"limit": "3", **query, **cursor}.items())
        page = (await world.as_(login, "GET", f"/v1/statistics?{asked}")).ok()
        rows += page["items"]
        if "next_cursor" not in page:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def value(rows: list[dict[str, Any]], figure: str, org: str, label: str) -> float:
    found = [r["value"] for r in rows if (r["figure"], r["org"], r["label"]) == (figure, org, label)]
    assert len(found) == 1, (figure, org, label, rows)
    return float(found[0])


async def test_the_authority_sees_supply_demand_use_delay_and_refusals(year: World) -> None:
    rows = await told(year, "platform-admin")
    assert value(rows, "resources_published", PROVIDER, "conditional") == 3
    assert value(rows, "applications_filed", CONSUMER, "refused") == 1
    assert value(rows, "applications_received", PROVIDER, "approved") == 2
    assert value(rows, "refusals", PROVIDER, "conditions_not_met") == 1
    assert (
        value(rows, "on_time_rate", PROVIDER, "tl809.reply_cond") == 50.0
    )  # two in time, one late, one overdue
    assert value(rows, "clocks_late", PROVIDER, "tl809.reply_cond") == 2
    assert value(rows, "oldest_pending", PROVIDER, "tl809.reply_cond") == 78.0
    assert [r["value"] for r in rows if r["figure"] == "calls_served"] == [2]
    assert [r["value"] for r in rows if r["figure"] == "wanted_not_had"] == [1]
    assert {r["org"] for r in rows} == {PROVIDER, CONSUMER, *(r["org"] for r in rows)}


async def test_granted_and_unused_is_a_figure_and_a_list(year: World) -> None:
    rows = await told(year, "platform-admin", figure="grants_unused", since="2026-09-02")
    assert [(r["org"], r["value"]) for r in rows] == [
        (CONSUMER, 1.0),
        (CONSUMER, 1.0),
    ]  # the calls were the day before
    for login in ("platform-admin", "requester", "provider"):
        found = (await year.as_(login, "GET", "/v1/unused-grants?days=90")).ok()["items"]
        assert sorted("last_called" in one for one in found) == [False, True], login
    assert (await year.as_("requester", "GET", "/v1/unused-grants?days=200")).ok()["items"] == []


@pytest.mark.parametrize("login", ["platform-admin", "auditor", "provider", "requester"])
async def test_the_printed_query_gives_the_printed_figure(
    login: str, year: World, shared_database: Any
) -> None:
    rows = await told(year, login, since="2026-08-01")
    assert len({row["figure"] for row in rows}) >= 3
    owner = await shared_database.owner()
    try:
        for row in rows:
            org, *bounds = row["query"]["parameters"]
            again = await owner.fetch(row["query"]["sql"], org, *map(datetime.fromisoformat, bounds))
            printed = [(r["org"], r["label"], r["value"]) for r in rows if r["figure"] == row["figure"]]
            assert Counter(map(tuple, again)) == Counter(printed), row["figure"]
    finally:
        await owner.close()


async def test_a_department_sees_its_own_rows_whatever_it_asks_for(year: World) -> None:
    for query in ({}, {"org": PROVIDER}):
        assert {row["org"] for row in await told(year, "requester", **query)} == {CONSUMER}
    assert {row["org"] for row in await told(year, "auditor", org=PROVIDER)} == {PROVIDER}


async def test_the_league_table_ranks_all_and_shows_a_department_its_own_place(year: World) -> None:
    whole = await told(year, "platform-admin", figure="league")
    own = await told(year, "provider", figure="league")
    assert own == [{**row, "query": own[0]["query"]} for row in whole if row["org"] == PROVIDER]
    assert own[0]["label"].startswith("rank 2 of")
    assert 30 < own[0]["value"] < 100


async def test_a_period_holds_its_days_and_is_refused_when_it_ends_before_it_begins(year: World) -> None:
    for since, until, count in (("2026-09-01", "2026-09-01", 2), ("2026-09-02", "2026-12-01", 0)):
        rows = await told(year, "provider", figure="calls_served", since=since, until=until)
        assert sum(row["value"] for row in rows) == count
    day = (datetime(2026, 9, 1) - timedelta(1)).date().isoformat()
    answer = await year.as_("provider", "GET", f"/v1/statistics?since=2026-09-01&until={day}")
    assert answer.refused(422, "invalid")["errors"][0]["pointer"] == "/until"
