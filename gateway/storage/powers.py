"""Separation of duties in the database, asked at every start: a login that could do more than its part does not work.

Apart from the inspection, which only tells: here the answer decides whether the gateway starts.
"""

from typing import Final

from gateway.errors import BadSettings
from gateway.storage.inspection import excess, unguarded
from gateway.storage.migrate import pending
from gateway.storage.pool import Database
from gateway.storage.zones import Zone

_SHOWN: Final = 5


class TooPowerful(BadSettings):
    """A database login may do other things than its part of the gateway needs（数据库账号权限与规定不符）."""

    remedy = (
        "Run ./gw migrate for what is missing; revoke the rest as the owner (./gw doctor lists it).",
        "缺少的权限可运行 ./gw migrate 补齐；多余的由数据库属主收回（./gw doctor 可列出）。",
    )


class LedgerUnguarded(BadSettings):
    """Tables of the audit log would accept a change（审计账本的防改触发器缺失或被停用）."""

    remedy = (
        "Find out who switched the triggers off, run ./gw audit verify, then enable them as the owner.",
        "请查明触发器被停用的原因，运行 ./gw audit verify 核验后由数据库属主恢复。",
    )


async def check_powers(database: Database, zone: Zone) -> None:
    """Refuse to work under a login that holds more or less than its zone's power, or on a ledger without its guards.

    GB/T 22239 asks at level 3 that audit records cannot be deleted, changed or overwritten, and that administrators
    hold separate powers. A database that waits for a migration is not judged: the start refuses it for that reason.

    Raises:
        TooPowerful, LedgerUnguarded: what is wrong, by name. DatabaseDown: it cannot be asked.
    """
    async with database.connection() as connection:
        if await pending(connection):
            return
        found = await excess(connection, zone)
        bare = await unguarded(connection)
    if found:
        raise TooPowerful(*_named(f"the login of {zone} holds", f"{zone} 账号权限不符", found))
    if bare:
        raise LedgerUnguarded(*_named("without a working guard", "缺少有效触发器", bare))


def _named(said: str, said_zh: str, found: list[str]) -> tuple[str, str]:
    more = f" (+{len(found) - _SHOWN})" if len(found) > _SHOWN else ""
    shown = ", ".join(found[:_SHOWN]) + more
    return f"{said}: {shown}", f"{said_zh}：{shown}"
