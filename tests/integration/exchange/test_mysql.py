"""库表 in MySQL or MariaDB: the same answers as from PostgreSQL, from a real server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mariadb import mariadb
from world import PROVIDER, Answer, World, another, running_world

ROWS = 1500
FIRST = 9007199254740993
"""2^53 + 1: the first keys that floating point cannot tell apart."""
PREPARED = (
    "CREATE DATABASE market CHARACTER SET utf8mb4",
    "CREATE TABLE market.company (code varchar(18) PRIMARY KEY, qymc varchar(100), legal_person varchar(50),"
    " capital decimal(20, 2), note text)",
    f"INSERT INTO market.company VALUES ('{PROVIDER}', '示例企业', '张三', 1000000, '内部'), ('abc', '小写', NULL, 1, '')",  # noqa: S608
    "CREATE TABLE market.filing (id bigint PRIMARY KEY, code varchar(18), qymc varchar(100), capital decimal(20, 2))",
    f"INSERT INTO market.filing SELECT {FIRST} + seq, '{PROVIDER}', CONCAT('备案', seq), seq FROM market.seq_0_to_{ROWS - 1}",  # noqa: S608
    "CREATE VIEW market.filings AS SELECT id, code, qymc, capital FROM market.filing",
    "CREATE VIEW market.twice AS SELECT id DIV 2 AS id, code, qymc, capital FROM market.filing",
    "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'canary-pw'",
    "GRANT SELECT (code, qymc, legal_person, capital) ON market.company TO reader@'127.0.0.1'",
    "GRANT SELECT ON market.filing TO reader@'127.0.0.1'",
    "GRANT SELECT ON market.filings TO reader@'127.0.0.1'",
    "GRANT SELECT ON market.twice TO reader@'127.0.0.1'",
    "CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'canary-pw'",
    "GRANT SELECT, INSERT ON market.company TO writer@'127.0.0.1'",
)


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    async with mariadb(*PREPARED) as made:
        yield made


@pytest.fixture(scope="module")
async def world(shared_database: Any) -> AsyncIterator[World]:
    """A gateway whose segments are small."""
    async with running_world(shared_database, exchange={"segment_bytes": 8192}) as made:
        yield made


def table_mount(port: int, login: str = "reader", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "table", "dsn": f"mysql://{login}:canary-pw@127.0.0.1:{port}/market", "relation": "company",
        "filters": {"uscc": "code"}, "sources": {"uscc": "code", "name": "qymc"}, **changes,
    }  # fmt: skip


async def granted(world: World, mount: dict[str, Any], *fields: str) -> tuple[str, str]:
    """Publish and grant; the service and a token."""
    text = {
        "name": "uscc",
        "title": "统一社会信用代码",
        "kind": "text",
        "controlled": True,
        "required": False,
    }
    what = another(mode="table", parameters=[text])
    await world.granted(await world.publish(what, mount), mode="table", fields=list(fields))
    return what["service"], await world.access_token("registration", what["service"])


async def lines(world: World, service: str, token: str) -> Answer:
    url = f"{world.exchange}/services/{service}"
    headers = {"Accept": "application/x-ndjson", "Authorization": f"Bearer {token}"}
    async with world.session.post(url, headers=headers, json={}) as answer:
        raw = await answer.read()
        is_problem = "problem" in answer.headers["Content-Type"]
        return Answer(answer.status, answer.headers, json.loads(raw) if is_problem else raw)


async def test_a_table_is_read_under_a_login_that_sees_some_columns_only(world: World, port: int) -> None:
    service, token = await granted(world, table_mount(port), "uscc", "name", "legal_person", "capital")
    answer = await world.call(token, service, {"parameters": {"uscc": PROVIDER}})
    assert answer.ok()["records"] == [
        {"uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "capital": "1000000.00"}
    ]
    hidden = table_mount(port, sources={"uscc": "code", "name": "note"})
    service, token = await granted(world, hidden, "uscc", "name")
    problem = (await world.call(token, service)).refused(502, "upstream-invalid")
    assert "canary" not in str(problem)


async def test_a_parameter_is_a_value_and_compares_byte_by_byte(world: World, port: int) -> None:
    service, token = await granted(world, table_mount(port), "uscc", "name")
    for value in (
        "' OR '1'='1",
        "\\' OR 1=1 -- ",
        "%",
        "`code`",
        "ABC",
        "abc ",
        "0",
        "x'; DROP TABLE market.company; --",
    ):
        assert (await world.call(token, service, {"parameters": {"uscc": value}})).ok()["records"] == [], (
            value
        )
    found = await world.call(token, service, {"parameters": {"uscc": "abc"}})
    assert found.ok()["records"] == [{"uscc": "abc", "name": "小写"}]


@pytest.mark.parametrize("changes", [{"relation": "filing"}, {"relation": "filings", "key": "id"}])
async def test_a_table_streams_by_a_key_that_floating_point_cannot_tell_apart(
    changes: dict[str, str], world: World, port: int
) -> None:
    service, token = await granted(world, table_mount(port, **changes), "uscc", "name", "capital")
    answer = await lines(world, service, token)
    names = [json.loads(line)["name"] for line in answer.body.splitlines()]
    assert names == [f"备案{n}" for n in range(ROWS)]
    kinds = [event["type"] for event in await world.audit(request_id=answer.headers["Request-Id"])]
    assert kinds.count("call.segment") > 5


async def test_a_key_that_stands_twice_or_a_view_without_one_gives_nothing(world: World, port: int) -> None:
    service, token = await granted(world, table_mount(port, relation="twice", key="id"), "uscc", "name")
    (await lines(world, service, token)).refused(502, "upstream-invalid")
    service, token = await granted(world, table_mount(port, relation="filings"), "uscc", "name")
    (await lines(world, service, token)).refused(409, "no-key-to-page-by")
    service, token = await granted(world, table_mount(port, relation="filings", key="qymc"), "uscc", "name")
    (await lines(world, service, token)).refused(502, "upstream-invalid")


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"login": "writer"}, 502, "login-may-write"),
        ({"login": "nobody"}, 502, "upstream-unreachable"),
        ({"relation": "no_such"}, 502, "upstream-invalid"),
        ({"schema_name": "mysql", "relation": "user"}, 502, "upstream-invalid"),
        ({"filters": {"uscc": "no_such"}}, 502, "upstream-invalid"),
    ],
)
async def test_what_does_not_fit_is_refused_without_a_word_of_the_database(
    changes: dict[str, Any], status: int, slug: str, world: World, port: int
) -> None:
    service, token = await granted(world, table_mount(port, **changes), "uscc", "name")
    problem = (await world.call(token, service, {"parameters": {"uscc": PROVIDER}})).refused(status, slug)
    assert not any(word in str(problem) for word in ("canary", "denied", "exist", "Unknown"))
