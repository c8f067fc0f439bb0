"""A worker: one module run as a process of its own, bytes in and bytes out, killed when it takes too long."""

import asyncio
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import gateway

_LONGEST_LINE: Final = 1000
_KEPT: Final = ("PATH", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")
"""What a worker is told of this process's surroundings: where programs and Python's compiled files lie."""


class WorkerStopped(Exception):
    """The worker reached its limit of time or memory."""


class WorkerFailed(Exception):
    """The worker has a fault of its own; the message ends what it said."""


def bound_worker(cpu_seconds: int, memory_bytes: int) -> None:
    """Called by a worker first: the kernel ends it beyond these (setrlimit(2))."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def run_worker(
    module: str, payload: bytes, seconds: float, told: Callable[[str], None] | None = None
) -> bytes:
    """What the module writes on its standard output for what it reads on its input.

    Args:
        told: gets each line the worker says on its standard error that begins with ``#``: its progress.

    Raises:
        WorkerStopped: not done within ``seconds``, or ended by the kernel.
        WorkerFailed: it ended with a fault.
    """
    root = str(Path(gateway.__file__).parents[1])
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = {"PYTHONPATH": root, "PYTHONWARNINGS": "ignore", **kept}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", module, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
    )
    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            group.create_task(_feed(process, payload))
            answer = group.create_task(_all(process.stdout))
            said = group.create_task(_listen(process, told))
        code = await process.wait()
    except TimeoutError:
        raise WorkerStopped("the worker took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code < 0:
        raise WorkerStopped(f"the worker was ended by signal {-code}")
    if code != 0:
        raise WorkerFailed(f"the worker ended with {code}: {said.result()}")
    return answer.result()


async def _feed(process: asyncio.subprocess.Process, payload: bytes) -> None:
    assert process.stdin is not None  # a pipe
    try:
        process.stdin.write(payload)
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended before it had read all; its exit code says why


async def _all(stream: asyncio.StreamReader | None) -> bytes:
    assert stream is not None  # a pipe
    return await stream.read()


async def _listen(process: asyncio.subprocess.Process, told: Callable[[str], None] | None) -> str:
    """Passes progress on; the end of everything else, for the log."""
    assert process.stderr is not None  # a pipe
    rest = ""
    while line := await process.stderr.readline():
        text = line.decode("utf-8", "replace").rstrip("\n")
        if not text.startswith("#"):
            rest = (rest + text + "\n")[-_LONGEST_LINE:]
        elif told is not None:
            told(text[1:])
    return rest
