"""庆阳市民政局 (demo): a PostgreSQL server of its own with the register of marriages, open on a TCP port.

What the gateway gets is an address, a database and a login that may read one view.
"""

import asyncio
import secrets
import socket
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from gateway.demo.departments.serving import announce
from gateway.demo.departments.store import DATABASE, READER, Marriage, fill, make_database
from gateway.demo.ending import heard
from gateway.storage.embedded import EmbeddedPostgres, ServerNotStarted

MARRIED: Final = "621002190001010016"
DIVORCED: Final = "621022190003030032"

_MARRIAGES: Final[list[Marriage]] = [
    ("J621002-2020-000001", date(2020, 5, 20), None, MARRIED, "示例丁", "621002190002020021", "示例戊"),
    ("J621022-2018-000002", date(2018, 8, 8), date(2024, 3, 1), DIVORCED, "示例己", "621002190002020021", "示例戊"),
]  # fmt: skip
_TRIES: Final = 5
_LOOK_SECONDS: Final = 0.5


def main(folder: Path) -> None:
    """Run the server until told to end."""
    with heard() as ending, suppress(KeyboardInterrupt):
        server, port = _started(folder / "postgres")
        try:
            password = secrets.token_urlsafe(24)
            asyncio.run(_set_up(server, password))
            announce(folder, {"dsn": f"postgresql://{READER}:{password}@127.0.0.1:{port}/{DATABASE}"})
            while server.alive():
                ending.sleep(_LOOK_SECONDS)
        finally:
            server.stop()


async def _set_up(server: EmbeddedPostgres, password: str) -> None:
    await make_database(server.dsn())
    await fill(server.dsn(DATABASE), _MARRIAGES, password)


def _started(folder: Path) -> tuple[EmbeddedPostgres, int]:
    """A server on a free port; between our look and its start the port may go to somebody else."""
    for tries_left in reversed(range(_TRIES)):
        port = _free_port()
        server = EmbeddedPostgres(folder, port=port, max_connections=20)
        try:
            server.start()
        except ServerNotStarted:
            if not tries_left:
                raise
        else:
            return server, port
    raise AssertionError("the last try returns or raises")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(Path(sys.argv[1]))
