"""Long answers: a table as NDJSON or CSV, each segment on record before it leaves, never a part taken for the whole."""

import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from market import department_database
from refusals import refusing
from waiting import until
from world import PROVIDER, Answer, World, another, http_mount, provider_service, running_world

NDJSON = {"Accept": "application/x-ndjson"}
ROWS = 3000
FIELDS = ["uscc", "name", "capital"]


@pytest.fixture(scope="module")
async def market(shared_database: Any) -> AsyncIterator[str]:
    """A department's firms: a table with a key, and views of it with keys that are none."""
    made = "lpad(n::text, 18, '0'), CASE WHEN n = 7 THEN '=1+1' ELSE '企业' || n END, n * -1.5, n % 3"
    async with department_database(
        shared_database,
        "CREATE TABLE firm (code text PRIMARY KEY, name text, capital numeric(20, 2), part int)",
        f"INSERT INTO firm SELECT {made} FROM generate_series(1, {ROWS}) AS n",  # noqa: S608  # the test's own
        "CREATE TABLE big (code text PRIMARY KEY, name text, capital numeric(20, 2), part int)",
        "INSERT INTO big SELECT lpad(n::text, 18, '0'), repeat('企', 2000), 1, 1 FROM generate_series(1, 5000) AS n",
        "CREATE TABLE more AS SELECT code, name, capital, part, 1 + row_number() OVER () AS id FROM firm"
        " UNION ALL (SELECT code, name, capital, part, 1 FROM firm LIMIT 1)",
        "ALTER TABLE more ADD PRIMARY KEY (id)",
        "CREATE VIEW plain AS SELECT * FROM firm",
        "CREATE VIEW twice AS SELECT code, name, capital, part, least(n.n, 2900) AS k FROM firm"
        " JOIN generate_series(1, 3000) AS n ON lpad(n::text, 18, '0') = code",
        "CREATE VIEW gaps AS SELECT code, name, capital, part, nullif(code, '000000000000003000') AS k FROM firm",
        "CREATE TABLE mine (code text PRIMARY KEY, name text, capital numeric)",
        "GRANT SELECT ON firm, big, more, plain, twice, gaps TO {login}",
        "GRANT SELECT, UPDATE (name) ON mine TO {login}",
    ) as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def world(shared_database: Any) -> AsyncIterator[World]:
    """A gateway whose segments are small."""
    limits = {"segment_bytes": 4096, "stream_rows": ROWS}
    async with running_world(shared_database, exchange=limits) as made:
        yield made


async def granted_table(world: World, dsn: str, relation: str = "firm", **more: Any) -> tuple[str, str, str]:
    """Publish and grant a table; its service, a token and the grant."""
    part = {"name": "part", "title": "分区", "kind": "text", "required": False, "controlled": True}
    what = another(mode="table", parameters=[part])
    mount = {
        "kind": "table", "dsn": dsn, "relation": relation, "filters": {"part": "part"},
        "sources": {"uscc": "code", "legal_person": "name"}, **more,
    }  # fmt: skip
    resource = await world.publish(what, mount)
    grant = await world.granted(resource, mode="table", fields=FIELDS)
    return what["service"], await world.access_token("registration", what["service"]), grant


async def streamed(
    world: World, service: str, token: str, accept: str = NDJSON["Accept"], **parameters: str
) -> Answer:
    url = f"{world.exchange}/services/{service}"
    headers = {"Accept": accept, "Authorization": f"Bearer {token}"}
    async with world.session.post(url, headers=headers, json={"parameters": parameters}) as answer:
        raw = await answer.read()
        is_problem = answer.headers["Content-Type"].startswith("application/problem+json")
        return Answer(answer.status, answer.headers, json.loads(raw) if is_problem else raw)


async def cut_off(world: World, service: str, token: str) -> None:
    with pytest.raises(aiohttp.ClientError):
        await streamed(world, service, token)


async def test_a_table_streams_whole_and_in_order_with_a_record_before_each_segment(
    world: World, market: str
) -> None:
    service, token, _ = await granted_table(world, market)
    answer = await streamed(world, service, token)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson; charset=utf-8")
    assert answer.headers["Server"] == "gateway"
    assert answer.headers["Quota-Remaining"] == "99"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [line["uscc"] for line in lines] == [f"{n:018}" for n in range(1, ROWS + 1)]
    assert lines[1] == {"uscc": f"{2:018}", "name": "企业2", "capital": "-3.00"}
    events = await world.audit(request_id=answer.headers["Request-Id"])
    assert [events[0]["type"], events[-1]["type"]] == ["call.intended", "call.released"]
    segments = [event["detail"] for event in events[1:-1]]
    assert {event["type"] for event in events[1:-1]} == {"call.segment"}
    assert len(segments) > 20
    nonce, end = bytes.fromhex(answer.headers["Receipt-Nonce"]), 0
    for number, segment in enumerate(segments):
        assert (segment["segment"], segment["from"]) == (number, end)
        piece = answer.body[end : end + segment["bytes"]]
        assert segment["answer"] == hashlib.sha256(nonce + piece).hexdigest()
        assert segment["records"] == piece.count(b"\n")
        end += segment["bytes"]
    whole = events[-1]["detail"]
    assert whole["answer"] == hashlib.sha256(nonce + answer.body).hexdigest()
    assert (whole["bytes"], whole["records"], whole["segments"]) == (end, ROWS, len(segments))
    assert end == len(answer.body)


async def test_csv_has_a_header_and_no_formulas_and_filters_reach_the_database(
    world: World, market: str
) -> None:
    service, token, _ = await granted_table(world, market)
    answer = await streamed(world, service, token, "text/csv", part="1")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert rows[0] == FIELDS
    assert len(rows) == 1 + ROWS // 3
    assert rows[3] == [f"{7:018}", "'=1+1", "-10.50"]
    nothing = await streamed(world, service, token, part="9")
    assert (nothing.status, nothing.body) == (200, b"")


async def test_a_view_streams_by_the_key_its_mount_names(world: World, market: str) -> None:
    service, token, _ = await granted_table(world, market, "plain", key="code")
    assert (await streamed(world, service, token)).body.count(b"\n") == ROWS
    service, token, _ = await granted_table(world, market, "plain")
    (await streamed(world, service, token)).refused(409, "no-key-to-page-by")


@pytest.mark.parametrize("relation", ["twice", "gaps"])
async def test_a_key_that_would_lose_rows_between_pages_cuts_the_answer(
    relation: str, world: World, market: str
) -> None:
    service, token, grant = await granted_table(world, market, relation, key="k")
    await cut_off(world, service, token)
    ending = (await world.audit(grant_id=grant))[-1]
    assert (ending["type"], ending["reason"]) == ("call.failed", "upstream-invalid")
    assert ending["detail"]["bytes"] > 0


async def test_a_login_that_may_write_is_refused_whatever_is_asked(world: World, market: str) -> None:
    service, token, _ = await granted_table(world, market, "mine", filters={"part": "code"})
    (await streamed(world, service, token)).refused(502, "login-may-write")
    (await world.call(token, service)).refused(502, "login-may-write")


async def test_one_row_more_than_a_stream_may_hold_cuts_it(world: World, market: str) -> None:
    service, token, grant = await granted_table(world, market, "more")
    await cut_off(world, service, token)
    ending = (await world.audit(grant_id=grant, type="call.failed"))[-1]
    assert ending["reason"] == "upstream-too-large"


async def test_a_segment_that_cannot_be_recorded_does_not_leave(
    world: World, market: str, shared_database: Any
) -> None:
    service, token, grant = await granted_table(world, market)
    async with refusing(shared_database, "call.segment"):
        problem = (await streamed(world, service, token)).refused(503, "audit-unavailable")
    assert "企业" not in str(problem)
    assert [event["type"] for event in await world.audit(grant_id=grant)][-2:] == [
        "call.intended",
        "call.failed",
    ]


async def test_an_answer_whose_release_cannot_be_recorded_is_never_told_to_be_whole(
    world: World, market: str, shared_database: Any
) -> None:
    service, token, grant = await granted_table(world, market)
    async with refusing(shared_database, "call.released"):
        await cut_off(world, service, token)
    ending = (await world.audit(grant_id=grant))[-1]
    assert (ending["type"], ending["outcome"]) == ("call.delivered", "error")
    assert ending["detail"]["bytes"] > 0


async def test_a_grant_revoked_during_the_stream_ends_it(world: World, market: str) -> None:
    service, token, grant = await granted_table(world, market, "big")
    url, headers = f"{world.exchange}/services/{service}", {**NDJSON, "Authorization": f"Bearer {token}"}
    async with world.session.post(url, json={}, headers=headers) as answer:
        await answer.content.readany()
        body = {"reason": "超范围使用"}
        (await world.as_("security-admin", "POST", f"/v1/grants/{grant}/revoke", body)).ok()
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    await world.integrated()
    events = await world.audit(request_id=answer.headers["Request-Id"], limit="1")
    assert (events[-1]["type"], events[-1]["reason"]) == ("call.failed", "grant-ended-meanwhile")
    assert 0 < events[-1]["detail"]["bytes"] < ROWS * 6000


async def test_a_caller_who_goes_away_ends_the_stream_with_a_record(world: World, market: str) -> None:
    service, token, grant = await granted_table(world, market, "big")
    url, headers = f"{world.exchange}/services/{service}", {**NDJSON, "Authorization": f"Bearer {token}"}
    async with world.session.post(url, json={}, headers=headers) as answer:
        await answer.content.readany()
        answer.close()

    async def ended() -> bool:
        return bool(await world.audit(grant_id=grant, type="call.failed"))

    await until(ended)
    assert [event["reason"] for event in await world.audit(grant_id=grant, type="call.failed")] == [
        "caller-gone"
    ]


async def test_an_interface_s_records_come_as_lines_too_and_masked_where_the_grant_says_so(
    world: World,
) -> None:
    async with provider_service() as (base, _):
        what = another()
        await world.granted(await world.publish(what, http_mount(base)), {"rules": {"masked": ["name"]}})
        token = await world.access_token("registration", what["service"])
        accept = "text/html, application/x-ndjson;q=0.9"
        answer = await streamed(world, what["service"], token, accept, uscc=PROVIDER)
        assert [json.loads(line) for line in answer.body.splitlines()] == [
            {"uscc": PROVIDER, "name": "示****"}
        ]
