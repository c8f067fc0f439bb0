"""One real PostgreSQL per run, started by the controlling process; a fresh migrated database per test."""

import asyncio
import contextlib
import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import hypothesis
import pytest
from world import World, running_world

from gateway.deadlines import SHANGHAI
from gateway.settings import Storage
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.embedded import EmbeddedPostgres
from gateway.storage.migrate import migrate

MASTER_KEY = bytes(range(32))
PREFIX = "gxtest"
TEMPLATE = "gx_template"
_MEMORY = "GATEWAY_TEST_DATA"
"""Names a folder in memory for the server's files, where there is one (see ``./gw test``)."""
_COPIED = "FILE_COPY" if os.environ.get(_MEMORY) else "WAL_LOG"
"""How a database is made from the template: a copy of files needs checkpoints, which only memory does at once."""
_SERVER = pytest.StashKey[tuple[EmbeddedPostgres, Path]]()
_DAY_LEFT_SECONDS = 60
_WITHOUT_DATABASE = ("tests/unit", "tests/house")
# how long an example takes says how busy the machine is, not whether the code is right
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def _needs_database(config: pytest.Config) -> bool:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return False
    return not all(str(argument).startswith(_WITHOUT_DATABASE) for argument in config.args)


def pytest_configure(config: pytest.Config) -> None:
    if not _needs_database(config):
        return
    folder = Path(tempfile.mkdtemp(prefix="gxt", dir=os.environ.get(_MEMORY)))
    folder.chmod(0o711)  # started by root, the server runs as nobody and must reach its folder
    server = EmbeddedPostgres(folder / "pg", max_connections=200)
    server.start()
    config.stash[_SERVER] = (server, folder)
    os.environ["GATEWAY_TEST_DSN"] = server.dsn("gateway")
    asyncio.run(_make_template(server.dsn("gateway")))


def pytest_collection_finish() -> None:
    """As a gateway does when it has started: what was imported and collected stays, nobody need look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measuring coverage takes half as long again as the test: not where other tests go the same ways.

    Only this thread's: what a test runs in another thread or process is measured all the same.
    """
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    measuring = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(measuring)


def pytest_runtest_setup() -> None:
    """No test begins just before midnight in Asia/Shanghai: many count or compare what happens on one day."""
    now = datetime.now(SHANGHAI)
    midnight = datetime.combine(now.date() + timedelta(1), datetime.min.time(), SHANGHAI)
    if (left := (midnight - now).total_seconds()) < _DAY_LEFT_SECONDS:
        time.sleep(left + 1)


async def _make_template(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    await migrate(_in_database(dsn, TEMPLATE), PREFIX, MASTER_KEY)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_SERVER, None) is not None:
        server, folder = config.stash[_SERVER]
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _in_database(dsn: str, name: str) -> str:
    head, _, tail = dsn.partition("?")
    return head.rpartition("/")[0] + f"/{name}" + (f"?{tail}" if tail else "")


@dataclass
class TestDatabase:
    """A migrated database of its own: the owner's DSN, the master key, and pools under the zones' logins."""

    __test__ = False
    owner_dsn: str
    name: str
    master_key: bytes = MASTER_KEY
    prefix: str = PREFIX
    opened: list[Database] = field(default_factory=list)

    def dsn(self, zone: Zone) -> str:
        return zone_dsn(self.owner_dsn, zone, self.prefix, self.master_key)

    async def open(self, zone: Zone, **settings: object) -> Database:
        pool = await Database.open(self.dsn(zone), Storage(**settings))  # type: ignore[arg-type]
        self.opened.append(pool)
        return pool

    async def owner(self) -> asyncpg.Connection:
        return await asyncpg.connect(self.owner_dsn)


@contextlib.asynccontextmanager
async def _fresh_database() -> AsyncIterator[TestDatabase]:
    """A fresh copy of the migrated template, dropped afterwards with whatever is still connected."""
    server = os.environ["GATEWAY_TEST_DSN"]
    name = f"t_{uuid4().hex[:16]}"
    admin = await asyncpg.connect(server)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY {_COPIED}")
        made = TestDatabase(_in_database(server, name), name)
        yield made
        for pool in made.opened:
            with contextlib.suppress(Exception):
                await pool.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def database() -> AsyncIterator[TestDatabase]:
    """A database of the test's own."""
    async with _fresh_database() as made:
        yield made


@pytest.fixture
async def world(database: TestDatabase) -> AsyncIterator["World"]:
    """A whole gateway on a fresh database."""
    async with running_world(database) as made:
        yield made


@pytest.fixture(scope="module")
async def shared_database() -> AsyncIterator[TestDatabase]:
    """A database for all tests of a module that only look, or do not mind each other."""
    async with _fresh_database() as made:
        yield made


@pytest.fixture(scope="module")
async def shared_world(shared_database: TestDatabase) -> AsyncIterator["World"]:
    """A whole gateway for all tests of a module that do not mind each other."""
    async with running_world(shared_database) as made:
        yield made
