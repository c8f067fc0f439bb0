"""The statements of 民政局's own database."""

from collections.abc import Sequence
from datetime import date
from typing import Final, TypeAlias

import asyncpg

from gateway.storage import Queries

Marriage: TypeAlias = tuple[str, date, date | None, str, str, str, str]
"""Certificate, registered on, ended on, then number and name of one and of the other."""

DATABASE: Final = "civil_affairs"
READER: Final = "gateway_reader"
_SQL: Final = Queries("gateway.demo.departments", "civil_affairs.sql")


async def make_database(dsn: str) -> None:
    """Make the department's database on a new server."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_SQL["make_database"])
    finally:
        await connection.close()


async def fill(dsn: str, marriages: Sequence[Marriage], reader_password: str) -> None:
    """Make tables, rows and the login that may read the view."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_SQL["make_tables"])
        await connection.executemany(_SQL["add_marriage"], marriages)
        await connection.execute(_SQL["say_password"], reader_password)
        await connection.execute(_SQL["make_reader"])
    finally:
        await connection.close()
