"""The checks of the database: reachable, migrated, durable, logins held to their powers, keys and ledger in place."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.cli.context import Installation
from gateway.cli.doctoring import Check, Words, fault, from_error, is_set_up, ok, warning
from gateway.cli.doctoring_certificates import revocation
from gateway.errors import GatewayError, Unavailable
from gateway.seals import Vault
from gateway.settings import Storage
from gateway.storage import Database, Zone
from gateway.storage.binaries import OLDEST_MAJOR
from gateway.storage.embedded import dsn_of_running
from gateway.storage.inspection import (
    ServerFacts,
    excess,
    inbox_facts,
    ledger_facts,
    outbox_facts,
    server_facts,
    unguarded,
)
from gateway.storage.migrate import pending

SKEW_SECONDS: Final = 1.0
LAG_SECONDS: Final = 10.0
_PARTITION_DAYS: Final = 14
_SHOWN: Final = 5
_UNSAFE: Final = {"synchronous_commit": ("off", "local"), "fsync": ("off",), "full_page_writes": ("off",)}
_MIGRATE: Final = ("Run ./gw migrate.", "请运行 ./gw migrate。")
_UP: Final = ("Start it with ./gw up, then run ./gw doctor again.", "请用 ./gw up 启动，再运行 ./gw doctor。")


class NotReachable(Unavailable):
    """The database cannot be reached（数据库无法连接）."""

    remedy = (
        "Check [storage] dsn, the server and the network between; then run ./gw doctor again.",
        "请检查 [storage] dsn、数据库服务及网络连通情况，再运行 ./gw doctor。",
    )


async def database_checks(where: Installation) -> AsyncIterator[Check]:
    """Ask the database under the owner's and each zone's own login; what cannot be asked is left out.

    Raises:
        NotReachable: after the check ``database`` has said so.
    """
    dsn = where.settings.storage.dsn or dsn_of_running(where.postgres_dir)
    if dsn is None:
        if not is_set_up(where):
            yield ok(
                "database",
                "not set up yet. The first ./gw up makes it.",
                "尚未建立。首次运行 ./gw up 时自动建立。",
            )
            return
        yield fault("database", ("the embedded PostgreSQL is not running", "内置 PostgreSQL 未运行"), _UP)
        raise NotReachable("the embedded PostgreSQL is not running", "内置 PostgreSQL 未运行")
    async with AsyncExitStack() as stack:
        try:
            owner = await _opened(stack, dsn, where.settings.storage)
            before = time.time()
            async with owner.connection() as connection:
                facts = await server_facts(connection)
            after = time.time()
        except (GatewayError, OSError, ValueError) as error:
            said = (
                (error.detail, error.detail_zh)
                if isinstance(error, GatewayError)
                else (str(error), str(error))
            )
            yield fault("database", said, NotReachable.remedy)
            raise NotReachable(*said) from None
        yield server(facts)
        yield clock(facts.clock, before, after)
        migrated = await migrations(owner, facts)
        yield migrated
        if migrated.remedy is None:
            async for check in _zones(where, stack, owner):
                yield check


async def _zones(where: Installation, stack: AsyncExitStack, owner: Database) -> AsyncIterator[Check]:
    zones: dict[Zone, Database] = {}
    for zone in Zone:
        try:
            zones[zone] = await _opened(stack, where.zone_dsn(zone), where.settings.storage)
            yield await login(zone, zones[zone])
        except GatewayError as error:
            yield fault(
                f"login {zone}",
                (error.detail, error.detail_zh),
                (
                    "Check that the master key is this database's; if it is, run ./gw migrate.",
                    "请确认主密钥与该数据库相符；如相符，请运行 ./gw migrate。",
                ),
            )
    if Zone.EXCHANGE in zones:
        yield await durability(zones[Zone.EXCHANGE], where.settings.audit.allow_unsafe_durability)
    if Zone.CONTROL in zones:
        yield await signing_key(where, zones[Zone.CONTROL])
        yield await revocation(where.settings.certificates, zones[Zone.CONTROL], datetime.now(UTC))
        yield await outbox(zones[Zone.CONTROL], datetime.now(UTC), where.settings.notify.stuck_seconds)
    yield await guards(owner)
    if Zone.READER in zones:
        yield await ledger(zones[Zone.READER], datetime.now(UTC))
    if Zone.INTEGRATOR in zones:
        yield await integrator(zones[Zone.INTEGRATOR], datetime.now(UTC))


def server(facts: ServerFacts) -> Check:
    """The version, and whether it can be written to."""
    if facts.major < OLDEST_MAJOR:
        said = (
            f"PostgreSQL {facts.version}; {OLDEST_MAJOR} is the oldest supported",
            f"PostgreSQL {facts.version} 版本过低",
        )
        return fault("database", said, ("Upgrade the server.", "请升级数据库。"))
    if facts.is_standby:
        said = ("the server is a standby and takes no writes", "该服务器为只读备库")
        return fault(
            "database", said, ("Name the primary in [storage] dsn.", "请在 [storage] dsn 中指定主库。")
        )
    return ok("database", f"PostgreSQL {facts.version}", f"PostgreSQL {facts.version}")


def clock(theirs: datetime, before: float, after: float) -> Check:
    """The database's clock against this host's, read ``before`` and ``after`` asking (Unix seconds)."""
    at = theirs.timestamp()
    skew = max(before - at, at - after, 0.0)
    if skew <= SKEW_SECONDS:
        return ok("clock", "host and database agree within a second", "主机与数据库时钟相差不到 1 秒")
    return fault(
        "clock",
        (f"host and database differ by {skew:.1f} s", f"主机与数据库时钟相差 {skew:.1f} 秒"),
        ("Set both by the same time server (NTP).", "请将两者与同一时间服务器（NTP）同步。"),
    )


async def migrations(owner: Database, facts: ServerFacts) -> Check:
    """Applied, waiting, or not those of this program."""
    if not facts.is_set_up:
        return fault("migrations", ("the database is empty", "数据库尚未初始化"), _MIGRATE)
    try:
        async with owner.connection() as connection:
            waiting = [f"{one.number:04d}_{one.name}" for one in await pending(connection)]
    except GatewayError as error:
        return from_error("migrations", error)
    if waiting:
        return fault(
            "migrations", (f"waiting: {', '.join(waiting)}", f"待执行：{'、'.join(waiting)}"), _MIGRATE
        )
    return ok("migrations", "all applied", "全部已执行")


async def login(zone: Zone, pool: Database) -> Check:
    """A zone's login, connected with the password the master key gives, and what it holds too much."""
    async with pool.connection() as connection:
        found = await excess(connection, zone)
    if not found:
        return ok(f"login {zone}", "connects, holds its power and no more", "可连接，权限与规定一致")
    more = f" (+{len(found) - _SHOWN})" if len(found) > _SHOWN else ""
    shown = ", ".join(found[:_SHOWN]) + more
    return fault(
        f"login {zone}",
        (f"holds other rights than its power: {shown}", f"权限与规定不符：{shown}"),
        (
            "./gw migrate grants what is missing; revoke the rest as the owner (gateway/storage/powers.sql says what is meant).",
            "缺少的权限可运行 ./gw migrate 补齐；多余的由数据库属主收回（应有权限见 gateway/storage/powers.sql）。",
        ),
    )


async def durability(pool: Database, is_allowed: bool) -> Check:
    """Whether a commit survives a crash, as the login that records calls meets it."""
    try:
        async with pool.connection() as connection:
            facts = await server_facts(connection)
    except GatewayError as error:
        return from_error("durability", error)
    found = {name: str(getattr(facts, name)) for name in _UNSAFE}
    shown = ", ".join(f"{name}={value}" for name, value in found.items())
    if not any(value in _UNSAFE[name] for name, value in found.items()):
        return ok("durability", shown, shown)
    said = (f"acknowledged audit records may be lost: {shown}", f"已确认的审计记录可能丢失：{shown}")
    remedy = ("Turn them on; the gateway does not start without.", "请开启上述参数，否则网关拒绝启动。")
    if is_allowed:
        return warning(
            "durability",
            said,
            (
                "For tests only: [audit] allow_unsafe_durability is set.",
                "仅供测试：已设置 allow_unsafe_durability。",
            ),
        )
    return fault("durability", said, remedy)


async def signing_key(where: Installation, pool: Database) -> Check:
    """There is one in use, and the master key opens it."""
    try:
        # Imported here: without aiohttp's C parser this room refuses to load, which is an answer too.
        from gateway.identity import KeyRing

        ring = KeyRing(
            pool, where.settings.identity.person_token_seconds, Vault(where.master_key(), "signing keys")
        )
        async with pool.transaction() as tx:
            kid, _ = await ring.signing(tx)
    except GatewayError as error:
        return from_error("signing key", error)
    return ok("signing key", f"{kid}, opened", f"{kid}，可用")


async def outbox(pool: Database, now: datetime, stuck_seconds: float) -> Check:
    """Whether the notices of supervision reach their receivers."""
    try:
        async with pool.connection() as connection:
            waiting, oldest = await outbox_facts(connection)
    except GatewayError as error:
        return from_error("outbox", error)
    age = (now - oldest).total_seconds() if oldest else 0.0
    said = (
        f"{waiting} notices wait, the oldest for {age:.0f} s" if waiting else "nothing waits",
        f"待发通知 {waiting} 条，最久 {age:.0f} 秒" if waiting else "无待发通知",
    )
    if age <= stuck_seconds:
        return ok("outbox", *said)
    return warning(
        "outbox",
        said,
        (
            "GET /v1/notifications?state=pending says why; check [notify] and the contacts' addresses.",
            "原因见 GET /v1/notifications?state=pending；请检查 [notify] 设置与联系人地址。",
        ),
    )


async def guards(owner: Database) -> Check:
    """The triggers that refuse a change of the ledger, whoever tries."""
    try:
        async with owner.connection() as connection:
            bare = await unguarded(connection)
    except GatewayError as error:
        return from_error("audit guards", error)
    if not bare:
        return ok("audit guards", "every table of the ledger refuses changes", "账本各表均拒绝修改")
    shown = ", ".join(bare)
    remedy: Words = (
        "Find out who switched the triggers off; verify with ./gw audit verify before anything else.",
        "请查明触发器被停用的原因，并先运行 ./gw audit verify 核验。",
    )
    return fault("audit guards", (f"can be changed: {shown}", f"可被修改：{shown}"), remedy)


async def ledger(reader: Database, now: datetime) -> Check:
    """The newest head, and room for the months to come."""
    try:
        async with reader.connection() as connection:
            facts = await ledger_facts(connection)
    except GatewayError as error:
        return from_error("audit head", error)
    if facts is None:
        return fault(
            "audit head",
            ("there is no head", "账本没有树根"),
            ("Restore the database from its backup.", "请从备份恢复数据库。"),
        )
    until = facts.covered_until.date()
    said = (f"{facts.size} records, tables until {until}", f"{facts.size} 条记录，分区至 {until}")
    if facts.covered_until - now < timedelta(days=_PARTITION_DAYS):
        return warning(
            "audit head",
            said,
            (
                "Start an integrator: it makes the coming months' tables.",
                "请启动整理进程，由其建立后续月份分区。",
            ),
        )
    return ok("audit head", *said)


async def integrator(pool: Database, now: datetime) -> Check:
    """Whether what was recorded is being ordered into the ledger."""
    try:
        async with pool.connection() as connection:
            facts = await inbox_facts(connection)
    except GatewayError as error:
        return from_error("integrator", error)
    lag = (now - facts.oldest_at).total_seconds() if facts.oldest_at else 0.0
    said = (
        f"{facts.waiting} batches wait, the oldest for {lag:.0f} s" if facts.waiting else "nothing waits",
        f"待整理 {facts.waiting} 批，最久 {lag:.0f} 秒" if facts.waiting else "无待整理记录",
    )
    if facts.is_integrated and lag <= LAG_SECONDS:
        return ok("integrator", *said)
    if facts.is_integrated:
        return warning(
            "integrator",
            said,
            ("Read the gateway's log for audit.integrator lines.", "请查看日志中的 audit.integrator 记录。"),
        )
    said = (f"none is connected; {said[0]}", f"没有整理进程；{said[1]}")
    return warning(
        "integrator",
        said,
        (
            "Start a gateway, or ./gw serve --only integrator.",
            "请启动网关，或运行 ./gw serve --only integrator。",
        ),
    )


async def _opened(stack: AsyncExitStack, dsn: str, settings: Storage) -> Database:
    pool = await Database.open(dsn, settings, size=2)
    stack.push_async_callback(pool.close)
    return pool
