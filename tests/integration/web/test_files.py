"""Routes that take and give files: own limits of size and time, declared media types, a name to store them under."""

import asyncio
import time
from collections.abc import AsyncIterator
from email.message import Message
from functools import partial
from typing import Annotated, Any

import pytest
from pydantic import Field
from raw import Said, request, say, wire

from gateway.app import new_metrics
from gateway.seals import Vault
from gateway.settings import Web
from gateway.storage import Once
from gateway.web import (
    Api,
    Ask,
    Document,
    Model,
    Pager,
    Principal,
    Reply,
    Route,
    Stream,
    bound,
    listener_of,
    listening,
)

PARCEL, LETTER = "application/x-parcel", "application/x-letter"
SECONDS = 2.0
LIMITS = Web(upload_bytes=4096, upload_seconds=SECONDS, body_bytes=1024, body_seconds=0.1)
WHO = Principal("person", "sender", "11621000MB00000024", frozenset({"sender"}), "127.0.0.1", "test")
SENDER = frozenset({"sender"})
TOKEN = "Authorization: Bearer sender"


class HowQuery(Model):
    """How a file is taken."""

    twice: bool = False
    colour: Annotated[str, Field(max_length=5)] | None = None


async def weigh_parcel(onces: list[Once], ask: Ask[HowQuery]) -> Reply:
    file = ask.upload()
    if ask.once:
        onces.append(ask.once)
    return Reply({"bytes": len(file.content), "kind": file.media_type, "twice": ask.given.twice})


async def show_letter(_: object, ask: Ask[None]) -> Reply:
    return Reply(Document("信".encode(), LETTER, '信息资源 目录"\\\r\n%;=.txt'))


async def read_letter(_: object, ask: Ask[None]) -> Reply:
    return Reply(Document(b"{}", LETTER))


async def give_parcel(_: object, ask: Ask[None]) -> Reply:
    return Reply(Document(b"", PARCEL))


async def pour_out(_: object, ask: Ask[None]) -> Reply:
    return Reply(Stream(_drops(fails=False), PARCEL, "drops"))


async def pour_out_and_break(_: object, ask: Ask[None]) -> Reply:
    return Reply(Stream(_drops(fails=True), PARCEL, "drops"))


async def _drops(*, fails: bool) -> AsyncIterator[bytes]:
    yield b"one,"
    if fails:
        raise OSError("the well is dry")
    yield b"two"


_route = partial(Route, access=SENDER, summary="File", summary_zh="文件", tag="files")
ROUTES = [
    _route("POST", "/weigh", weigh_parcel, given=HowQuery, takes=(PARCEL, LETTER), returns=dict[str, Any], creates=True),
    _route("GET", "/letter", show_letter, gives=(LETTER,)),
    _route("GET", "/read", read_letter, gives=(LETTER,)),
    _route("GET", "/pour", pour_out, gives=(PARCEL,)),
    _route("GET", "/break", pour_out_and_break, gives=(PARCEL,)),
    _route("GET", "/wrong", give_parcel, gives=(LETTER,)),
]  # fmt: skip


@pytest.fixture(scope="module")
def onces() -> list[Once]:
    return []


@pytest.fixture(scope="module")
async def port(onces: list[Once]) -> AsyncIterator[int]:
    async def identify(token: str, address: str) -> Principal:
        return WHO

    async def refused(*_: object) -> None:
        return None

    pager = Pager(Vault(bytes(32), "page cursors"))
    api = Api([(ROUTES, onces)], identify, refused, LIMITS, new_metrics(), pager)
    opened = bound("127.0.0.1", 0)
    async with listening(api.answer, opened, LIMITS):
        yield listener_of(opened).port


async def send(port: int, size: int, kind: str = PARCEL, query: str = "", *more: str) -> Said:
    head = (TOKEN, f"Content-Type: {kind}", *more)
    return await say(port, request("POST", f"/weigh{query}", *head, body=b"x" * size))


@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (1025, 200), (4096, 200), (4097, 413), (100_000, 413)]
)
async def test_a_file_is_read_up_to_its_own_limit(size: int, status: int, port: int) -> None:
    said = await send(port, size)
    assert said.status == status
    if status == 413:
        assert said.slug == "too-large"
    else:
        assert f'"bytes":{size},' in said.body.decode()


async def test_a_file_in_chunks_has_the_same_limit(port: int) -> None:
    for size, status in ((4096, 200), (4097, 413)):
        head = request("POST", "/weigh", TOKEN, f"Content-Type: {PARCEL}", "Transfer-Encoding: chunked")
        async with wire(port) as open_:
            open_.writer.write(head + b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size))
            assert (await open_.answer()).status == status


async def test_a_file_announced_too_large_is_refused_before_it_comes(port: int) -> None:
    async with wire(port) as open_:
        head = request("POST", "/weigh", TOKEN, f"Content-Type: {PARCEL}", "Content-Length: 4097")
        await open_.send(head)
        assert (await open_.answer()).status == 413


async def test_a_file_has_its_own_time_and_no_more(port: int) -> None:
    head = request("POST", "/weigh", TOKEN, f"Content-Type: {PARCEL}", "Content-Length: 4")
    async with wire(port) as open_:
        await open_.send(head + b"ab")
        await asyncio.sleep(LIMITS.body_seconds * 2)
        await open_.send(b"cd")
        assert (await open_.answer()).status == 200
    async with wire(port) as open_:
        began = time.monotonic()
        await open_.send(head + b"abc")
        said = await open_.answer()
        assert (said.status, said.slug) == (408, "too-slow")
        assert time.monotonic() - began >= SECONDS * 0.9


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-parcels", "application/octet-stream"]
)
async def test_a_file_of_another_media_type_is_refused_and_the_right_ones_are_named(
    kind: str, port: int
) -> None:
    said = await send(port, 5, kind)
    assert (said.status, said.slug) == (415, "wrong-media-type")
    assert PARCEL in said.problem["detail"]
    assert LETTER in said.problem["detail_zh"]
    assert said.headers["connection"] == "close"


async def test_the_media_type_reaches_the_handler_without_its_parameters(port: int) -> None:
    said = await send(port, 1, "Application/X-Letter; charset=utf-8")
    assert f'"kind":"{LETTER}"' in said.body.decode()


async def test_beside_a_file_the_query_is_read_and_checked(port: int) -> None:
    assert '"twice":true' in (await send(port, 1, query="?twice=true")).body.decode()
    for query in ("?colour=turquoise", "?undeclared=1"):
        said = await send(port, 1, query=query)
        assert (said.status, said.slug) == (422, "invalid")


async def test_the_idempotency_key_covers_file_and_query(port: int, onces: list[Once]) -> None:
    for size, query in ((1, ""), (1, ""), (2, ""), (1, "?twice=true")):
        assert (await send(port, size, PARCEL, query, "Idempotency-Key: k")).status == 200
    first, again, longer, twice = [one.digest for one in onces[-4:]]
    assert first == again
    assert len({first, longer, twice}) == 3


async def test_a_file_as_answer_is_stored_under_its_name_and_never_guessed_at(port: int) -> None:
    said = await say(port, request("GET", "/letter", TOKEN))
    assert (said.status, said.body.decode()) == (200, "信")
    assert said.headers["content-type"] == LETTER
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["cache-control"] == "no-store"
    shown = said.headers["content-disposition"]
    assert shown.startswith("attachment; ")
    assert 'filename="____ __' in shown
    read = Message()
    read["Content-Disposition"] = shown.replace(shown[len("attachment; ") : shown.index("filename*")], "")
    assert read.get_filename() == '信息资源 目录"\\\r\n%;=.txt'


async def test_a_document_without_a_name_is_read_in_place(port: int) -> None:
    said = await say(port, request("GET", "/read", TOKEN))
    assert (said.status, "content-disposition" in said.headers) == (200, False)


async def test_an_answer_under_an_undeclared_media_type_never_leaves(port: int) -> None:
    assert (await say(port, request("GET", "/wrong", TOKEN))).status == 500


async def test_a_file_in_the_making_leaves_piece_by_piece(port: int) -> None:
    async with wire(port) as open_:
        await open_.send(request("GET", "/pour", TOKEN))
        head = await open_.reader.readuntil(b"\r\n\r\n")
        assert b"transfer-encoding: chunked" in head.lower()
        assert await open_.reader.readuntil(b"0\r\n\r\n") == b"4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n"


async def test_a_file_whose_making_fails_never_looks_whole(port: int) -> None:
    async with wire(port) as open_:
        await open_.send(request("GET", "/break", TOKEN))
        async with asyncio.timeout(20):
            said = await open_.reader.read()
    assert said.startswith(b"HTTP/1.1 200"), said
    assert not said.endswith(b"0\r\n\r\n"), said
