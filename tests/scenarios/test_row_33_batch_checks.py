"""mission row 33, 不来即享: a list of people goes in, yes or no comes out and nothing else, and the department pays."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from batches import QUICK, Batch
from world import World, another, http_mount, provider_service, running_world

from gateway.seals.statement import read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys
from gateway.seals.verification import sm3

PEOPLE = {
    "11010519491231002X": True,
    "440524188001010014": False,
    "110105194912310038": None,
}
ELIGIBLE: dict[str, Any] = {
    "sharing_class": "conditional",
    "conditions": "限高龄津贴发放使用",
    "items": [
        {"name": "eligible", "title": "是否符合高龄津贴条件", "type": "L"},
        {"name": "address", "title": "住址", "type": "C", "personal": True},
        {"name": "salary", "title": "退休金", "type": "Y", "personal": True},
    ],
    "parameters": [
        {
            "name": "id_number",
            "title": "公民身份号码",
            "kind": "id_number",
            "subject": "id_number",
            "personal": True,
        }
    ],
}


async def civil_affairs(request: web.Request) -> web.StreamResponse:
    """What the department knows is much more than a yes or a no; of one person it knows nothing."""
    known = PEOPLE[request.match_info["rest"].rpartition("/")[2]]
    if known is None:
        return web.json_response({"data": []})
    return web.json_response(
        {"data": [{"eligible": known, "address": "庆阳市西峰区某路1号", "salary": "3000.00"}]}
    )


@pytest.fixture(scope="module")
async def checking(shared_database: Any) -> AsyncIterator[World]:
    """A gateway that goes on with batches at once and takes three rows in one."""
    async with running_world(shared_database, batches={**QUICK, "rows_max": 3}) as world:
        yield world


async def granted(world: World, base: str, **asked: Any) -> Batch:
    """A service of eligibility at ``base``, granted to the requesting department's system."""
    what = another(**ELIGIBLE)
    resource = await world.publish(what, http_mount(base, url=f"{base}/people/{{id_number}}"))
    await world.granted(resource, purpose="elderly-allowance", fields=["eligible"], **asked)
    return Batch(world, await world.access_token("registration", what["service"]), what["service"])


async def test_a_list_goes_in_and_yes_or_no_comes_out_and_nothing_else(checking: World) -> None:
    async with provider_service(civil_affairs) as (base, seen):
        batch = await granted(checking, base)
        rows = [{"id_number": number} for number in PEOPLE]
        ordered = await batch.accepted(rows, answering="yes_no", matter="621000-MZ-008", operator="张三")
        assert (ordered["state"], ordered["rows"], ordered["yes"]) == ("queued", 3, 0)
        done = await batch.until("done", "failed")
        counted = {name: done[name] for name in ("state", "rows_done", "yes", "no", "unanswered")}
        assert counted == {"state": "done", "rows_done": 3, "yes": 1, "no": 2, "unanswered": 0}

        result = await batch.result()
        lines = [json.loads(line) for line in result.body.splitlines()]
        assert lines == [{"row": 1, "answer": "yes"}, {"row": 2, "answer": "no"}, {"row": 3, "answer": "no"}]
        await _says_what_left(checking, batch, result.body)
        await _shows_only_yes_and_no(batch, len(result.body))
        assert len(seen) == 3


async def _says_what_left(world: World, batch: Batch, result: bytes) -> None:
    """The manifest, under the gateway's seal."""
    manifest = (await batch.ask(part="/manifest")).ok()
    keys = (await world.as_(None, "GET", "/.well-known/seal-keys.json")).ok()
    statement = read_statement(orjson.dumps(manifest))
    verify_statement(statement, accepted_keys(keys["keys"]), None)
    assert statement.kind == "gateway-batch"
    said = statement.content
    assert said["sha256"] == hashlib.sha256(result).hexdigest() == (await batch.ask()).ok()["sha256"]
    assert said["sm3"] == sm3(result).hex()
    assert (said["batch"], said["yes"], said["no"], said["item"]) == (batch.id, 1, 2, "eligible")


async def _shows_only_yes_and_no(batch: Batch, length: int) -> None:
    """The log: what was asked of the source, and what left."""
    events = await batch.events()
    assert [event["type"] for event in events] == [
        "batch.accepted", "batch.intended", "batch.intended", "batch.intended", "batch.held", "batch.sealed",
        "batch.released",
    ]  # fmt: skip
    asked = [event for event in events if event["type"] == "batch.intended"]
    assert all(event["detail"]["fields"] == ["eligible"] for event in asked)
    assert len({event["subject"] for event in asked}) == 3
    left = {name: events[-1]["detail"][name] for name in ("answering", "item", "yes", "no", "bytes")}
    assert left == {"answering": "yes_no", "item": "eligible", "yes": 1, "no": 2, "bytes": length}
    said = json.dumps(events, ensure_ascii=False)
    assert not [word for word in ("西峰区", "3000.00", "张三", *PEOPLE) if word in said]


async def test_the_list_is_checked_before_anybody_is_asked(checking: World) -> None:
    async with provider_service(civil_affairs) as (base, seen):
        batch = await granted(checking, base)
        one, two, three = ({"id_number": number} for number in PEOPLE)
        four = {"id_number": "110105194912310071"}
        for rows, more, pointer in (
            ([one, two, one], {}, "/rows/2"),
            ([one, two, three, four], {}, "/rows"),
            ([one, {"id_number": "110105194912310021"}], {}, "/rows/1/id_number"),
            ([one, {"name": "张三"}], {}, "/rows/1/name"),
            ([one, {}], {}, "/rows/1/id_number"),
            ([one], {"item": "address"}, "/item"),
            ([one], {"fields": ["eligible"]}, "/fields"),
            ([], {}, "/rows"),
        ):
            refused = await batch.order(rows, answering="yes_no", **more)
            assert refused.status == 422, (pointer, refused.body)
            assert pointer in [fault["pointer"] for fault in refused.body["errors"]]
        assert not seen
        assert batch.id == ""


async def test_what_is_neither_yes_nor_no_is_no_answer(checking: World) -> None:
    answers = [{"eligible": "unknown"}, {"eligible": None}, {}]

    async def unclear(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [answers[len(asked) - 1]]})

    async with provider_service(unclear) as (base, asked):
        batch = await granted(checking, base)
        await batch.accepted([{"id_number": number} for number in PEOPLE], answering="yes_no")
        done = await batch.until("done", "failed")
        assert (done["state"], done["yes"], done["no"], done["unanswered"]) == ("done", 0, 0, 3)
        lines = [json.loads(line) for line in (await batch.result()).body.splitlines()]
        assert lines == [{"row": n, "unanswered": "upstream-invalid"} for n in (1, 2, 3)]
