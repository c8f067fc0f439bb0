"""One process of the demonstration: started with its words going to a file, waited for, ended.

On Linux the kernel ends it when the demonstration itself is killed, so that nothing is left behind.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.demo.ending import Ending
from gateway.errors import Unavailable

T = TypeVar("T")
_PR_SET_PDEATHSIG: Final = 1
_POLL_SECONDS: Final = 0.02
_START_SECONDS: Final = 60
_END_SECONDS: Final = 30
_TAIL_LINES: Final = 15


class PartNotStarted(Unavailable):
    """A part of the demonstration did not start（演示所需的进程未能启动）."""

    remedy = (
        "Correct what its last words say; ./gw doctor checks the installation.",
        "请按其输出的提示处理；可运行 ./gw doctor 检查安装。",
    )


@dataclass(slots=True)
class Part:
    """A process to run in ``folder``; standard output and errors go to ``log``."""

    name: str
    arguments: Sequence[str]
    folder: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it is ours."""
        return self._process.pid if self._process else None

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; must be called on the main thread, with whose end the kernel ends it too."""
        handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *self.arguments],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_ends_with_us(),
            )

    def wait_until(self, ready: Callable[[], T | None], ending: Ending) -> T:
        """What ``ready`` gives once it gives something.

        Raises:
            PartNotStarted: the process ended, or gave nothing in a minute; the detail ends with its last words.
            KeyboardInterrupt: told to end.
        """
        give_up = time.monotonic() + _START_SECONDS
        while (found := ready()) is None:
            if not self.is_alive or time.monotonic() > give_up:
                raise PartNotStarted(f"{self.name}: {self.last_words()}", f"{self.name}：{self.last_words()}")
            ending.sleep(_POLL_SECONDS)
        return found

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-_TAIL_LINES:]) or "it said nothing"

    def tell_to_end(self) -> None:
        """Ask it to end, without waiting."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """End it in order, and by force if that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Ended in the middle of its start, it may have left a helper at work in its group.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process = None


def _ends_with_us() -> Callable[[], None]:
    """What the child does before it becomes the program: ask the kernel for SIGTERM when its parent is gone."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def in_the_child() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


def answered(command: Sequence[str], folder: Path | None = None) -> tuple[int, dict[str, Any]]:
    """A command as a user runs it, to its end: exit code and JSON answer.

    Raises:
        ValueError: it answered nothing; with its last words.
    """
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, start_new_session=True)
    if not done.stdout:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    said: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, said


def gw(*arguments: str) -> tuple[int, dict[str, Any]]:
    """A command of the gateway's as a user runs it, with ``--json`` among its arguments.

    Raises:
        ValueError: it answered nothing; with its last words.
    """
    return answered([sys.executable, "-P", "-m", "gateway", *arguments])
