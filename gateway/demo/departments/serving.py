"""What the services have in common: saying that they are ready, and ending when told to."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any, Final

from aiohttp import web

READY: Final = "ready.json"


def announce(folder: Path, facts: dict[str, Any]) -> None:
    """Write ``facts`` to ``ready.json``, which appears whole; only its owner may read it."""
    draft = folder / f"{READY}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file)
    draft.rename(folder / READY)


async def serve(app: web.Application, folder: Path) -> None:
    """Serve ``app`` on a free port of 127.0.0.1 until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        announce(folder, {"url": f"http://127.0.0.1:{runner.addresses[0][1]}"})
        await stop.wait()
    finally:
        await runner.cleanup()
