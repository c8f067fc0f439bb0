"""Gateways as processes of their own on the test's database, as an operator runs them with ``./gw serve``."""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from gateway.app import Gateway
from gateway.web import Listener

ISSUER = "http://gateway.test"


@asynccontextmanager
async def serving(database: Any, folder: Path) -> AsyncIterator[Gateway]:
    """A process that runs every part; where it listens."""
    key = _master_key(database, folder)
    said = {
        "LISTEN__EXCHANGE_PORT": "0", "LISTEN__CONTROL_PORT": "0", "LISTEN__METRICS_PORT": "0", "MONITORING__ENABLED": "false",
        "PLATFORM__BASE_URL": ISSUER, "STORAGE__DSN": database.owner_dsn, "STORAGE__LOGIN_PREFIX": database.prefix,
        "SECRETS__MASTER_KEY_FILE": str(key),
    }  # fmt: skip
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "gateway", "serve", "--data-dir", str(folder),
            env={**os.environ, **{f"GATEWAY__{name}": value for name, value in said.items()}},
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield await _ready(folder, process)
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


def _master_key(database: Any, folder: Path) -> Path:
    folder.mkdir()
    file = folder / "master.key"
    file.write_text(base64.b64encode(database.master_key).decode())
    file.chmod(0o600)
    return file


async def _ready(folder: Path, process: asyncio.subprocess.Process) -> Gateway:
    async with asyncio.timeout(60):
        while not (folder / "gateway.json").exists():  # written when it listens
            assert process.returncode is None, (folder / "log").read_text()[-2000:]
            await asyncio.sleep(0.05)
    found = json.loads((folder / "gateway.json").read_text())
    at = {name: _listener(found[name]) for name in ("exchange", "control", "operations")}
    return Gateway(found["issuer"], at["exchange"], at["control"], at["operations"], cast(Any, None))


def _listener(url: str) -> Listener:
    parts = urlsplit(url)
    return Listener(str(parts.hostname), parts.port or 0)
