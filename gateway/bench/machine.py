"""What a measurement stands on: the machine, a durable PostgreSQL of its own, and what one fsync costs there."""

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from gateway.storage.embedded import EmbeddedPostgres

_FSYNCS: Final = 200
_BLOCK: Final = bytes(8192)


@dataclass(frozen=True, slots=True)
class Place:
    """A server for one measurement, and the seconds one fdatasync of 8 KiB takes beside it, the median.

    Attributes:
        server: for those who end and start it again.
    """

    dsn: str
    fsync_seconds: float
    server: EmbeddedPostgres

    @property
    def pid(self) -> int:
        """The server's process; its sessions are below it."""
        assert self.server.pid is not None  # it is started
        return self.server.pid


@contextmanager
def place(prefix: str = "gxb") -> Iterator[Place]:
    """An empty embedded server on a temporary folder, durable as in production, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=prefix) as path:
        folder = Path(path)
        folder.chmod(0o711)  # started by root, the server runs as nobody and must reach its folder
        fsync = fsync_seconds(folder)
        with EmbeddedPostgres(folder / "pg") as server:
            yield Place(server.dsn(), fsync, server)


def fsync_seconds(folder: Path) -> float:
    """What the disk takes until one overwritten block is durable, as a commit does it."""
    file, took = folder / "fsync", list[float]()
    with file.open("wb", buffering=0) as out:
        for _ in range(_FSYNCS):
            out.seek(0)
            out.write(_BLOCK)
            started = time.perf_counter()
            os.fdatasync(out.fileno())
            took.append(time.perf_counter() - started)
    file.unlink()
    return median(took)


def machine() -> dict[str, str | int]:
    """The machine in words: processor, cores, load, Python."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
