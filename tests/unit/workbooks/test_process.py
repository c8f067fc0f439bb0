"""A worker: bytes in, bytes out, progress told; killed when it takes too long or too much."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gateway.workbooks import WorkerFailed, WorkerStopped, process, run_worker

WORKERS = {
    "echo": "import sys\nsys.stderr.write('#1\\nnoise\\n#2\\n')\nsys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])",
    "sleeper": "import sys, time\nprint('begun', flush=True)\ntime.sleep(60)",
    "deaf": "print('done')",
    "broken": "raise SystemExit('why')",
    "greedy": "from gateway.workbooks.process import bound_worker\nbound_worker(60, 300_000_000)\nx = bytes(2_000_000_000)",
    "busy": "from gateway.workbooks.process import bound_worker\nbound_worker(1, 300_000_000)\nwhile True: pass",
}


@pytest.fixture(autouse=True)
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers as modules a child process can find."""
    root = Path(process.gateway.__file__).parents[1]
    for name, source in WORKERS.items():
        (tmp_path / f"{name}.py").write_text(source)
    package = tmp_path / "gateway" / "__init__.py"
    package.parent.mkdir()
    package.write_text(f"__path__.append({str(root / 'gateway')!r})\n__version__ = ''")
    monkeypatch.setattr(process.gateway, "__file__", str(package))


async def test_bytes_go_in_and_out_and_progress_is_told() -> None:
    told: list[str] = []
    data = os.urandom(3_000_000)
    assert await run_worker("echo", data, 30, told.append) == data[::-1]
    assert told == ["1", "2"]


async def test_a_worker_that_does_not_listen_is_no_fault() -> None:
    assert await run_worker("deaf", bytes(3_000_000), 30) == b"done\n"


async def test_a_worker_that_takes_too_long_is_killed() -> None:
    with pytest.raises(WorkerStopped, match="too long"):
        await run_worker("sleeper", b"", 0.5)
    assert not children()


async def test_a_worker_is_killed_when_nobody_waits_for_it_any_more() -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run_worker("sleeper", b"", 60))
        await asyncio.sleep(0.3)
        task.cancel()
    assert not children()


async def test_the_kernel_ends_a_worker_beyond_its_time() -> None:
    with pytest.raises(WorkerStopped, match="signal"):
        await run_worker("busy", b"", 30)


@pytest.mark.parametrize("name", ["broken", "greedy"])
async def test_a_worker_that_fails_says_why(name: str) -> None:
    with pytest.raises(WorkerFailed, match=r"why|MemoryError"):
        await run_worker(name, b"", 30)


def children() -> list[str]:
    """Processes this one has started that run a worker."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
            line = (entry.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and sys.executable.encode() in line and b"sleeper" in line:
            found.append(entry.parent.name)
    return found
