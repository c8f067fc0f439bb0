"""A process for calls whose clock can be put forward and back: the gateway as it is, built with another clock.

Started as ``python -m gateway.drill.clocked FOLDER``; the file ``clock`` in the folder holds the seconds by which its clock
is off. Settings come from the environment, addresses go to ``gateway.json`` as those of ``./gw serve`` do.
"""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from gateway.app import build
from gateway.seals import read_master_key
from gateway.settings import load

CLOCK = "clock"


class Clock:
    """The machine's clock and what the file says it is off by."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text("ascii") or 0))


async def serve(folder: Path) -> None:
    """Answer calls until told to end. Raises what :func:`gateway.app.build` does."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = load(None)
    dsn, key = settings.storage.dsn, read_master_key(settings.secrets.master_key_file)
    assert dsn is not None  # the drill sets it
    parts = frozenset({"exchange"})
    async with build(settings, dsn, key, parts=parts, now=Clock(folder / CLOCK)) as gateway:
        assert gateway.exchange is not None  # it is the only part
        said = {"exchange": gateway.exchange.url, "operations": gateway.operations.url}
        draft = folder / "gateway.new"
        draft.write_text(json.dumps(said), "utf-8")
        draft.replace(folder / "gateway.json")
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1])))
