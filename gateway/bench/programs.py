"""Programs under measurement: started on chosen cores, waited for, ended; and what CPU time and memory they took."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import Unavailable

_PR_SET_PDEATHSIG: Final = 1
_START_SECONDS: Final = 60
_END_SECONDS: Final = 30
_POLL_SECONDS: Final = 0.02
_TAIL: Final = 2000


class NotStarted(Unavailable):
    """A program of the measurement did not start（测量所需的程序未能启动）."""

    remedy = ("Correct what its last words say.", "请按其输出的提示处理。")


@dataclass(frozen=True, slots=True)
class Cores:
    """Where what is measured runs, and where all the rest. One core: both share it."""

    served: frozenset[int]
    rest: frozenset[int]

    @classmethod
    def found(cls) -> "Cores":
        """The first core this process may use is for what is measured."""
        free = sorted(os.sched_getaffinity(0))
        return cls(frozenset(free[:1]), frozenset(free[1:] or free))


@dataclass(frozen=True, slots=True)
class Program:
    """A process of ours; its words go to ``log``."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def wait_for(self, port: int) -> None:
        """Until something listens at a port of this machine. Raises NotStarted."""
        self.wait_until(lambda: _listens(port))

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Until ``ready``. Raises NotStarted: it ended, or a minute passed; the detail ends with its last words."""
        give_up = time.monotonic() + _START_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise NotStarted(f"{self.name}: {self.last_words()}", f"{self.name}：{self.last_words()}")
            time.sleep(_POLL_SECONDS)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", errors="replace")[-_TAIL:].strip() or "it said nothing"

    def stop(self) -> None:
        """End it in order, by force if that takes too long."""
        self.process.terminate()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def started(
    stack: ExitStack,
    name: str,
    command: Sequence[str],
    folder: Path,
    cores: Iterable[int],
    environment: Mapping[str, str] | None = None,
) -> Program:
    """Start a program that ends with ``stack``, or with this process if that is killed."""
    log = folder / f"{name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=_on(frozenset(cores)),
        )
    program = Program(name, process, log)
    stack.callback(program.stop)
    return program


def _on(cores: frozenset[int]) -> Callable[[], None]:
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def in_the_child() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        os.sched_setaffinity(0, cores)

    return in_the_child


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at the moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pids: Iterable[int]) -> set[int]:
    """The processes and all below them."""
    found, parents = set(pids), dict[int, int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it ended while we looked
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time of processes and all below them so far, exact to the nanosecond (schedstat of every thread)."""
    total = 0
    for pid in family(pids):
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(stat.read_text().split()[0])
            except OSError:
                continue
    return total / 1e9


def memory_bytes(pids: Iterable[int]) -> int:
    """Resident memory of processes and all below them, shared pages counted once each process (RSS)."""
    total = 0
    for pid in family(pids):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
    return total
