"""The database as the drill spoils it: under the owner's login, on a throw-away server."""

from importlib.resources import files
from typing import Final

import asyncpg

_TRIGGER: Final = "faults.sql"


async def install(dsn: str) -> None:
    await _execute(dsn, files("gateway.drill").joinpath(_TRIGGER).read_text("utf-8"))


async def refuse(dsn: str, kind: str, code: str) -> None:
    await _execute(dsn, "INSERT INTO public.drill_refused (kind, code) VALUES ($1, $2)", kind, code)


async def accept(dsn: str) -> None:
    await _execute(dsn, "DELETE FROM public.drill_refused")


async def _execute(dsn: str, statement: str, *arguments: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
