"""Migrations: numbered plain-SQL files, applied once each in order, never changed afterwards.

Each file runs in one transaction together with its record. Several processes may start at once: one applies,
the others wait by polling (waiting inside the lock would deadlock with a concurrent index build).
"""

import asyncio
import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from gateway.errors import BadSettings
from gateway.storage.pool import Connection
from gateway.storage.queries import Queries
from gateway.storage.zones import Zone, check_value, login_of, password_of, scram_verifier

_SQL = Queries("gateway.storage")
_LOCK = 0x67785F6D6967
_BOOK = """
CREATE SCHEMA IF NOT EXISTS storage;
CREATE TABLE IF NOT EXISTS storage.migration (
    number integer CONSTRAINT a_migration_is_applied_once PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


class MigrationMismatch(BadSettings):
    """The database and the program's migrations do not belong together（数据库与程序的迁移文件不一致）."""

    remedy = (
        "Run the program version this database was migrated with, or a newer one; never edit an applied file.",
        "请使用与该数据库一致或更新的程序版本；已执行的迁移文件不得修改。",
    )


class OtherMasterKey(BadSettings):
    """The master key is not the one of this database（主密钥与数据库不符）."""

    remedy = (
        "Put the master key file this database was set up with in place; a new key cannot open what it holds.",
        "请放回初始化该数据库时的主密钥文件；新密钥无法解开已有内容。",
    )


class NotMigrated(BadSettings):
    """The database is behind this program（数据库版本落后于程序）."""

    remedy = ("Run ./gw migrate.", "请运行 ./gw migrate。")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name, text, and the SHA-256 of the text in hexadecimal."""

    number: int
    name: str
    text: str
    checksum: str


def migrations() -> list[Migration]:
    """All files of ``storage/migrations`` in order; numbers start at 1 and leave no gap."""
    found = []
    for file in sorted(files("gateway.storage").joinpath("migrations").iterdir(), key=lambda f: f.name):
        if match := re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", file.name):
            text = file.read_text("utf-8")
            found.append(Migration(int(match[1]), match[2], text, hashlib.sha256(text.encode()).hexdigest()))
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise MigrationMismatch("the migration files are not numbered without gap", "迁移文件编号不连续")
    return found


async def migrate(owner_dsn: str, prefix: str, master_key: bytes) -> list[str]:
    """Bring the database to this program's schema, its powers and its zone logins.

    Args:
        owner_dsn: a login that may create schemas and roles.
        prefix: of the zones' login names.
        master_key: the installation's secret; the logins' passwords derive from it.

    Returns:
        The names of the files applied now, in order.

    Raises:
        MigrationMismatch: an applied file was changed, is missing, or is newer than this program.
        OtherMasterKey: the database was set up with another key; nothing was changed.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        while not await connection.fetchval(_SQL["try_lock"], _LOCK):  # noqa: ASYNC110  # another process's lock
            await asyncio.sleep(0.1)
        await _check_key(connection, master_key)
        applied = await _apply(connection)
        await _keep_key(connection, master_key)
        async with connection.transaction():
            await connection.execute(files("gateway.storage").joinpath("powers.sql").read_text("utf-8"))
        for zone in Zone:
            await _ensure_login(connection, zone, login_of(zone, prefix), master_key)
        return applied
    finally:
        await connection.close()


async def pending(connection: Connection) -> list[Migration]:
    """The files not yet applied.

    Raises:
        MigrationMismatch: see :func:`migrate`.
    """
    wanted = migrations()
    applied = await connection.fetch(_SQL["applied_migrations"])
    for row, file in zip(applied, wanted, strict=False):
        if (row["number"], row["checksum"]) != (file.number, file.checksum):
            raise MigrationMismatch(
                f"migration {row['number']:04d}_{row['name']} differs from the file of this program",
                f"迁移 {row['number']:04d}_{row['name']} 与程序文件不一致",
            )
    if len(applied) > len(wanted):
        raise MigrationMismatch(
            f"the database has {len(applied)} migrations, this program knows {len(wanted)}",
            f"数据库已执行 {len(applied)} 个迁移，程序只有 {len(wanted)} 个",
        )
    return wanted[len(applied) :]


async def _check_key(connection: Connection, master_key: bytes) -> None:
    if not await connection.fetchval(_SQL["is_installed"]):
        return
    known = await connection.fetchval(_SQL["key_check"])
    if known is not None and not hmac.compare_digest(known, check_value(master_key)):
        raise OtherMasterKey(
            "this database was set up with another master key", "该数据库是用另一把主密钥初始化的"
        )


async def _keep_key(connection: Connection, master_key: bytes) -> None:
    if await connection.fetchval(_SQL["key_check"]) is None:
        await connection.execute(_SQL["keep_key_check"], check_value(master_key))


async def _apply(connection: Connection) -> list[str]:
    await connection.execute(_BOOK)
    names = []
    for file in await pending(connection):
        async with connection.transaction():
            await connection.execute(file.text)
            await connection.execute(_SQL["record_migration"], file.number, file.name, file.checksum)
        names.append(f"{file.number:04d}_{file.name}")
    return names


async def _ensure_login(connection: Connection, zone: Zone, login: str, master_key: bytes) -> None:
    # another database of the same cluster may make it between our look and our try
    with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        if create := await connection.fetchval(_SQL["create_login"], login):
            await connection.execute(create)
    await connection.execute(
        await connection.fetchval(_SQL["set_password"], login, scram_verifier(password_of(login, master_key)))
    )
    await connection.execute(await connection.fetchval(_SQL["grant_power"], f"gx_{zone}", login))
