"""A department's MariaDB on this machine: a real server in a temporary folder."""

import asyncio
import getpass
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomysql
import pytest
from ports import held_port
from waiting import until

_SERVER, _INSTALL = "mariadbd", "mariadb-install-db"


@asynccontextmanager
async def mariadb(*statements: str) -> AsyncIterator[int]:
    """The port of a server on which ``statements`` ran under its administrator; skips where none is installed."""
    server = shutil.which(_SERVER) or shutil.which(_SERVER, path="/usr/sbin")
    install = shutil.which(_INSTALL)
    if server is None or install is None:
        pytest.skip("mariadbd is not installed (Debian: mariadb-server)")
    with tempfile.TemporaryDirectory(prefix="gxm") as folder, held_port() as port:
        place = Path(folder)
        common = ["--no-defaults", f"--datadir={place / 'data'}", f"--user={getpass.getuser()}"]
        made = await asyncio.create_subprocess_exec(
            install, *common, "--auth-root-authentication-method=normal", "--skip-test-db",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await made.wait() == 0
        sock = str(place / "sock")
        running = await asyncio.create_subprocess_exec(
            server, *common, f"--port={port}", f"--socket={sock}", "--bind-address=127.0.0.1", "--skip-name-resolve",
            f"--pid-file={place / 'pid'}", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await _prepared(sock, statements)
            yield port
        finally:
            running.terminate()
            await running.wait()


async def _prepared(sock: str, statements: tuple[str, ...]) -> None:
    async def answers() -> bool:
        try:
            (await aiomysql.connect(unix_socket=sock, user="root")).close()
        except (OSError, aiomysql.MySQLError):
            return False
        return True

    await until(answers)
    connection = await aiomysql.connect(unix_socket=sock, user="root", autocommit=True, charset="utf8mb4")
    async with connection.cursor() as cursor:
        for statement in statements:
            await cursor.execute(statement)
    connection.close()
