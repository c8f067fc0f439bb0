"""A witness on a socket: the protocol's statuses, what it keeps, and what it never forgets."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from witnessing import ALog, a_witness

from gateway.audit.witnessing.protocol import cosignature, shown_at
from gateway.proof.checkpoint import verify_checkpoint
from gateway.proof.notes import NoteKey
from gateway.witness.store import BadWitnessFolder, Memory


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def submit(web: aiohttp.ClientSession, url: str, body: bytes) -> tuple[int, str, bytes]:
    async with web.post(f"{url}/add-checkpoint", data=body) as answer:
        return answer.status, answer.content_type, await answer.read()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def named(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


async def test_it_cosigns_what_grew_and_tells_the_size_to_go_on_from(
    web: aiohttp.ClientSession, tmp_path: Path
) -> None:
    log = ALog()
    async with a_witness(tmp_path, [log.signer.key]) as (url, signer, memory):
        for old, size in ((0, 3), (3, 3), (3, 300)):
            status, _, body = await submit(web, url, log.submission(old, size))
            assert status == 200
            line, at = cosignature(log.note(size), body, signer.key)
            assert line == body
            assert at.microsecond == 0
        assert await submit(web, url, log.submission(0, 301)) == (409, "text/x.tlog.size", b"300\n")
        assert await submit(web, url, log.submission(3, 299)) == (409, "text/x.tlog.size", b"300\n")
        assert memory.latest(log.name) == log.checkpoint(300)


async def test_what_it_refuses_changes_nothing(web: aiohttp.ClientSession, tmp_path: Path) -> None:
    log, stranger, thief = ALog(), ALog(name="gateway-audit/other"), ALog(seed=b"x" * 32)
    async with a_witness(tmp_path, [log.signer.key]) as (url, _, memory):
        await submit(web, url, log.submission(0, 5))
        kept = files(tmp_path)
        for body, wanted in (
            (b"", 400), (b"old 5\n\n", 400), (b"x" * 30000, 413), (log.submission(6, 5), 400),
            (stranger.submission(0, 5), 404), (thief.submission(5, 9), 403), (log.submission(4, 9), 409),
            (log.submission(5, 9, [bytes(32)]), 422), (ALog(branch="other").submission(5, 9), 422),
        ):  # fmt: skip
            assert (await submit(web, url, body))[0] == wanted
        assert memory.latest(log.name) == log.checkpoint(5)
        assert files(tmp_path) == kept
        for method, path, wanted in (
            ("GET", "/add-checkpoint", 405), ("POST", "/logs", 405), ("GET", "/", 404), ("GET", "/logs/0/checkpoint", 404),
            ("GET", "//logs", 400),
        ):  # fmt: skip
            async with web.request(method, url + path) as answer:
                assert answer.status == wanted


async def test_it_shows_what_it_cosigned_and_to_whom(web: aiohttp.ClientSession, tmp_path: Path) -> None:
    log = ALog()
    async with a_witness(tmp_path, [log.signer.key]) as (url, signer, _):
        await submit(web, url, log.submission(0, 4))
        async with web.get(shown_at(url, log.name)) as answer:
            note = await answer.read()
        checkpoint, signed = verify_checkpoint(note, [log.signer.key, signer.key], log.name)
        assert checkpoint == log.checkpoint(4)
        assert len(signed) == 2
        async with web.get(f"{url}/logs") as answer:
            assert (await answer.text()).endswith(f" {log.name}\n")


async def test_two_submissions_at_once_never_roll_it_back(web: aiohttp.ClientSession, tmp_path: Path) -> None:
    log = ALog()
    async with a_witness(tmp_path, [log.signer.key]) as (url, _, memory):
        await submit(web, url, log.submission(0, 10))
        bodies = [log.submission(10, size) for size in range(11, 60)]
        answers = await asyncio.gather(*(submit(web, url, body) for body in bodies))
        assert sorted(status for status, _, _ in answers) == [200] + [409] * 48
        won = next(number for number, answer in enumerate(answers) if answer[0] == 200)
        assert memory.latest(log.name) == log.checkpoint(11 + won)


async def test_it_remembers_over_a_restart_and_keeps_both_histories_of_a_fork(
    web: aiohttp.ClientSession, tmp_path: Path
) -> None:
    log, other = ALog(), ALog(branch="other")
    async with a_witness(tmp_path, [log.signer.key]) as (url, _, _):
        assert (await submit(web, url, log.submission(0, 5)))[0] == 200
    async with a_witness(tmp_path, [log.signer.key]) as (url, _, memory):
        assert await submit(web, url, log.submission(0, 9)) == (409, "text/x.tlog.size", b"5\n")
        assert (await submit(web, url, other.submission(5, 5)))[0] == 409
        assert memory.latest(log.name) == log.checkpoint(5)
        (fork,) = named(tmp_path, "*.fork")
        assert other.note(5) in fork.read_bytes()
        assert log.checkpoint(5).text.encode() in fork.read_bytes()


def a_memory(folder: Path, key: NoteKey, log: ALog) -> Memory:
    return Memory.open(folder, key, [log.signer.key])


async def test_a_second_process_and_a_changed_file_are_refused(
    web: aiohttp.ClientSession, tmp_path: Path
) -> None:
    log = ALog()
    async with a_witness(tmp_path, [log.signer.key]) as (url, signer, _):
        await submit(web, url, log.submission(0, 5))
        with pytest.raises(BadWitnessFolder, match="another witness"):
            a_memory(tmp_path, signer.key, log)
    (file,) = named(tmp_path, "*.note")
    whole = file.read_bytes()
    smaller = log.note(3)
    for content in (
        b"",
        whole[:-20],
        smaller,
        whole.replace(b"\n5\n", b"\n6\n"),
        ALog(branch="other").note(5),
    ):
        file.write_bytes(content)
        with pytest.raises(BadWitnessFolder):
            a_memory(tmp_path, signer.key, log)
    file.write_bytes(whole)
    a_memory(tmp_path, signer.key, log).close()


async def test_a_disk_that_takes_nothing_cosigns_nothing(web: aiohttp.ClientSession, tmp_path: Path) -> None:
    log = ALog()
    folder = tmp_path / "state"
    async with a_witness(folder, [log.signer.key]) as (url, _, memory):
        await submit(web, url, log.submission(0, 5))
        folder.rename(tmp_path / "gone")
        status, _, body = await submit(web, url, log.submission(5, 6))
        assert status == 500
        assert b"\xe2\x80\x94" not in body
        assert memory.latest(log.name) == log.checkpoint(5)


async def gw(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "gateway", "witness", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ,
    )  # fmt: skip


async def test_an_operator_makes_and_runs_one(web: aiohttp.ClientSession, tmp_path: Path) -> None:
    log, folder = ALog(), tmp_path / "witness"
    made, _ = await (await gw("make", str(folder), "--name", "witness.example")).communicate()
    key = NoteKey.parse(made.decode())
    empty = await gw("serve", str(folder), "--port", "0")
    assert b"holds no key" in (await empty.communicate())[1]
    assert empty.returncode == 2
    with (folder / "logs").open("a") as logs:
        logs.write(f"{log.signer.key}\n")
    process = await gw("serve", str(folder), "--port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        url = (await process.stdout.readline()).decode().strip()
    try:
        status, _, body = await submit(web, url, log.submission(0, 4))
        assert status == 200
        cosignature(log.note(4), body, key)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    again = await gw("serve", str(folder), "--port", "0")
    assert again.stdout is not None
    async with asyncio.timeout(30):
        url = (await again.stdout.readline()).decode().strip()
    assert (await submit(web, url, log.submission(0, 9)))[2] == b"4\n"
    again.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(again.wait(), 20) == 0
