"""The three official modes for real: an HTTP service, a table in another database, a file."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from cutting import Cut, CuttingProxy
from market import department_database
from providers import raw_provider, saying
from world import PROVIDER, World, another, http_mount, provider_service, running_world

OTHER = "91330106673959654P"
CSV = (
    f'代码,名称,法人,capital,uscc\n{PROVIDER},示例企业,张三,1000000.00,x\n{OTHER},"另一, 企业",李四,5.50,x\n'
)
SOURCES = {"uscc": "代码", "name": "名称", "legal_person": "法人"}


@pytest.fixture(scope="module")
async def market(shared_database: Any) -> AsyncIterator[str]:
    """The department's own database behind TCP, with a login that may read some columns of a table; its address."""
    async with department_database(
        shared_database,
        "CREATE SCHEMA reg",
        "CREATE TABLE reg.company (code text, qymc text, legal_person text, capital numeric(20, 2), note text, nothing int)",
        f"""INSERT INTO reg.company VALUES ('{PROVIDER}', '示例企业', '张三', 1000000.00, '内部'),
            ('{OTHER}', '另一企业', NULL, 5.5, '内部')""",  # noqa: S608  # codes of the test
        "GRANT USAGE ON SCHEMA reg TO {login}",
        "GRANT SELECT (code, qymc, legal_person, capital) ON reg.company TO {login}",
    ) as dsn:
        yield dsn


def table_mount(dsn: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "table", "dsn": dsn, "schema_name": "reg", "relation": "company", "filters": {"uscc": "code"},
        "sources": {"uscc": "code", "name": "qymc"}, **changes,
    }  # fmt: skip


async def asked(world: World, mount: dict[str, Any], mode: str, **call: Any) -> Any:
    """Publish, grant all fields, and call for one company."""
    what = another(mode=mode)
    resource = await world.publish(what, mount)
    await world.granted(resource, mode=mode, fields=["uscc", "name", "legal_person", "capital"])
    token = await world.access_token("registration", what["service"])
    return await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}, **call})


WHOLE = {"uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "capital": "1000000.00"}


async def test_an_http_service_is_asked_for_one_record(shared_world: World) -> None:
    async with provider_service() as (base, seen):
        answer = await asked(shared_world, http_mount(base), "interface")
        assert answer.ok()["records"] == [WHOLE]
        assert [request.path for request in seen] == [f"/enterprises/{PROVIDER}"]


async def test_a_table_is_read_under_a_login_that_sees_granted_columns_only(
    shared_world: World, market: str
) -> None:
    answer = await asked(shared_world, table_mount(market), "table")
    assert answer.ok()["records"] == [WHOLE]


async def test_a_table_answers_empty_values_and_no_rows(shared_world: World, market: str) -> None:
    answer = await asked(shared_world, table_mount(market), "table", parameters={"uscc": OTHER})
    assert answer.ok()["records"] == [
        {"uscc": OTHER, "name": "另一企业", "legal_person": None, "capital": "5.50"}
    ]
    nobody = {"uscc": "9144030071526726XG"}
    answer = await asked(shared_world, table_mount(market), "table", parameters=nobody)
    assert answer.ok()["records"] == []


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"relation": "no_such"}, "upstream-invalid"),
        ({"schema_name": "public"}, "upstream-invalid"),
        ({"sources": {"uscc": "code", "name": "note"}}, "upstream-invalid"),
        ({"sources": {"uscc": "code", "name": "no_such"}}, "upstream-invalid"),
        ({"filters": {"uscc": "no_such"}}, "upstream-invalid"),
    ],
)
async def test_a_table_that_differs_from_its_mount_gives_no_word_of_the_database(
    changes: dict[str, Any], slug: str, shared_world: World, market: str
) -> None:
    problem = (await asked(shared_world, table_mount(market, **changes), "table")).refused(502, slug)
    assert not any(word in str(problem) for word in ("relation", "permission", "does not exist", "canary-pw"))


Change = Callable[[str], str]


@pytest.mark.parametrize(
    "change",
    [
        lambda dsn: dsn.replace("canary-pw", "wrong"),
        lambda dsn: dsn.replace(f":{urlsplit(dsn).port}", ":9"),
        lambda dsn: dsn.replace("127.0.0.1", "10.255.255.1"),
        lambda dsn: dsn.rpartition("/")[0] + "/no_such",
        lambda dsn: dsn.replace("//", "//nobody_", 1),
    ],
    ids=[
        "wrong password",
        "closed port",
        "address outside the networks",
        "no such database",
        "no such login",
    ],
)
async def test_a_database_that_cannot_be_reached_is_said_to_be_so(
    change: Change, shared_world: World, market: str
) -> None:
    problem = (await asked(shared_world, table_mount(change(market)), "table")).refused(
        502, "upstream-unreachable"
    )
    assert "canary-pw" not in str(problem)


async def test_what_looks_like_sql_in_a_parameter_is_a_value(shared_world: World, market: str) -> None:
    world = shared_world
    text = {"name": "uscc", "title": "名称", "kind": "text", "controlled": True}
    what = another(mode="table", parameters=[text])
    await world.granted(await world.publish(what, table_mount(market)), mode="table")
    token = await world.access_token("registration", what["service"])
    for value in ("' OR '1'='1", "x'; DROP TABLE reg.company; --", "%", "$1", '"code"'):
        answer = await world.call(token, what["service"], {"parameters": {"uscc": value}})
        assert answer.ok()["records"] == []
    again = await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
    assert len(again.ok()["records"]) == 1


@asynccontextmanager
async def file_at(body: bytes) -> AsyncIterator[str]:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/csv")

    async with provider_service(give) as (base, _):
        yield f"{base}/companies.csv"


def file_mount(url: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "file", "url": url, "filters": {"uscc": "代码"}, "sources": SOURCES, **changes}


@pytest.mark.parametrize("body", [CSV.encode(), CSV.encode("utf-8-sig"), CSV.replace("\n", "\r\n").encode()])
async def test_a_pinned_file_is_read_by_its_columns(body: bytes, shared_world: World) -> None:
    async with file_at(body) as url:
        answer = await asked(shared_world, file_mount(url, sha256=hashlib.sha256(body).hexdigest()), "file")
        assert answer.ok()["records"] == [WHOLE]


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (CSV.encode() + b"x", {"sha256": hashlib.sha256(CSV.encode()).hexdigest()}),
        (CSV.encode("gbk"), {}),
        (b"", {}),
        (b"\n\n", {}),
        (CSV.replace("法人", "名称").encode(), {}),
        (CSV.replace("代码", "code").encode(), {}),
        (CSV.replace("capital", "zczb").encode(), {}),
        (CSV.replace(",x\n", "\n").encode(), {}),
        (CSV.replace(",x\n", ",x,y\n").encode(), {}),
        (CSV.replace("张三", '"张三').encode(), {}),
        (CSV.replace("1000000.00", "壹佰万").encode(), {}),
    ],
    ids=[
        "another content", "another encoding", "nothing", "no header", "a column twice", "no column to select by",
        "no granted column", "short rows", "long rows", "an open quote", "a text for money",
    ],
)  # fmt: skip
async def test_a_file_that_does_not_fit_is_refused_whole(
    body: bytes, changes: dict[str, Any], shared_world: World
) -> None:
    async with file_at(body) as url:
        problem = (await asked(shared_world, file_mount(url, **changes), "file")).refused(
            502, "upstream-invalid"
        )
        assert "张三" not in str(problem)
        assert "壹佰万" not in str(problem)


async def test_a_database_that_stops_answering_costs_no_more_than_its_time(database: Any) -> None:
    """The server's own limit is no help where the network is cut: ours is."""
    limits = {"upstream_total_seconds": 0.4, "upstream_connect_seconds": 0.2}
    async with raw_provider(saying(600.0)) as silent, running_world(database, exchange=limits) as world:
        dsn = f"postgresql://reader:pw@{silent.base.removeprefix('http://')}/market"
        began = asyncio.get_running_loop().time()
        (await asked(world, table_mount(dsn), "table")).refused(504, "upstream-timeout")
        assert asyncio.get_running_loop().time() - began < 60


async def test_a_database_cut_off_in_the_middle_of_a_query_costs_no_more_than_its_time(
    database: Any, market: str
) -> None:
    # seconds, not tenths: on a busy machine the connection itself takes some
    limits = {"upstream_total_seconds": 3, "upstream_connect_seconds": 2}
    async with (
        CuttingProxy(market, b"FROM reg.company").listening() as proxy,
        running_world(database, exchange=limits) as world,
    ):
        proxy.arm(Cut.AFTER, lambda: asyncio.sleep(90))
        mount = table_mount(market.replace(f":{urlsplit(market).port}", f":{proxy.port}"))
        began = asyncio.get_running_loop().time()
        (await asked(world, mount, "table")).refused(504, "upstream-timeout")
        assert proxy.cuts == 1
        assert asyncio.get_running_loop().time() - began < 60
