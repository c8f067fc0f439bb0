"""``./gw audit export`` against a gateway whose connections break."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from world import CONSUMER, World


class Line:
    """A line to the gateway that breaks after so many bytes of an answer to a request for a pack."""

    def __init__(self, control: str, breaks_after: int) -> None:
        self._host, self._port = urlsplit(control).hostname, urlsplit(control).port
        self._breaks_after = breaks_after
        self.url = ""
        self.asked: list[bytes] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")),
                0,
            )
            up_writer.write(
                head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + await reader.readexactly(length)
            )
            left = 1 << 30
            if b"/pack" in head.split(b"\r\n")[0]:
                self.asked += [one for one in head.split(b"\r\n") if one.startswith(b"Range:")]
                left = self._breaks_after
            while left > 0 and (data := await up_reader.read(left)):
                left -= len(data)
                writer.write(data)
                await writer.drain()
        finally:
            writer.transport.abort() if left <= 0 else writer.close()
            up_writer.transport.abort()


@dataclass
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


async def gw(url: str, token: str, *words: str) -> Ran:
    """``./gw audit export`` as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "gateway", "audit", "export", *words, "--url", url,
        env=os.environ | {"GATEWAY_TOKEN": token}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


async def test_a_fetch_goes_on_where_the_connection_broke(shared_world: World, tmp_path: Path) -> None:
    control, token, file = shared_world.control, await shared_world.token_of("auditor"), tmp_path / "pack.zip"
    wanted = ["--org", CONSUMER, "--side", "consumer", "--filter", "type=call.released", "--table", "csv"]
    export = (await gw(control, token, "ask", *wanted)).out.strip()
    async with Line(control, 1500).open() as line:
        done = await gw(line.url, token, "fetch", export, str(file), "--json")
        assert done.code == 0, done
    said = json.loads(done.out)
    assert (said["bytes"], said["file"]) == (file.stat().st_size, str(file))
    assert "rows 行 (100 %)" in done.err
    whole = (await shared_world.as_("auditor", "GET", f"/v1/audit/exports/{export}/pack")).ok()
    assert file.read_bytes() == whole
    assert os.listdir(tmp_path) == ["pack.zip"]
    starts = [int(one.removeprefix(b"Range: bytes=")[:-1]) for one in line.asked]
    assert starts, "it broke at least once"
    assert starts == sorted(set(starts)), "nothing is fetched twice"

    part = tmp_path / f".again.zip.{said['sha256'][:16]}.part"
    for begun, code in ((whole[:500], 0), (b"x" * 500, 4)):
        part.write_bytes(begun)
        (tmp_path / "again.zip").unlink(missing_ok=True)
        async with Line(control, 1 << 30).open() as line:
            done = await gw(line.url, token, "fetch", export, str(tmp_path / "again.zip"))
        assert (done.code, (tmp_path / "again.zip").exists(), part.exists()) == (code, code == 0, False), done
        assert line.asked == [b"Range: bytes=500-"]
    shown = await gw(control, token, "show", export)
    assert shown.out.startswith("done: "), shown
    refused = await gw(control, token, "ask", "--side", "consumer")
    assert (refused.code, "name it" in refused.err) == (1, True), refused
