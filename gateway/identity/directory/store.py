"""Rows of credentials, invitations and attempts as values."""

from collections.abc import Sequence
from datetime import datetime

from gateway.identity.directory.model import Credential, Invitation
from gateway.identity.model import Person, Role
from gateway.names import Login, OrgCode
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.identity.directory")


async def find_credential(tx: Connection, login: str) -> Credential | None:
    row = await tx.fetchrow(_SQL["find_credential"], login)
    if row is None:
        return None
    return Credential(_person(row), row["password_hash"], row["factor_wrapped"], row["factor_step"])


async def set_password(tx: Connection, login: str, password_hash: str, now: datetime) -> None:
    await tx.execute(_SQL["set_password"], login, password_hash, now)


async def set_factor(tx: Connection, login: str, wrapped: bytes, step: int, now: datetime) -> None:
    await tx.execute(_SQL["set_factor"], login, wrapped, step, now)


async def use_step(tx: Connection, login: str, step: int) -> bool:
    return await tx.fetchval(_SQL["use_step"], login, step) is not None


async def renew_hash(tx: Connection, login: str, before: str, password_hash: str) -> None:
    await tx.execute(_SQL["renew_hash"], login, before, password_hash)


async def issue_invitation(
    tx: Connection, login: str, code_hash: bytes, wrapped: bytes, renews_factor: bool, by: str, now: datetime, until: datetime
) -> None:  # fmt: skip
    await tx.execute(_SQL["issue_invitation"], login, code_hash, wrapped, renews_factor, by, now, until)


async def find_invitation(tx: Connection, login: str, code_hash: bytes, now: datetime) -> Invitation | None:
    row = await tx.fetchrow(_SQL["find_invitation"], login, code_hash, now)
    if row is None:
        return None
    return Invitation(
        _person(row), row["factor_wrapped"], row["renews_factor"], row["expires_at"], row["holds_factor"]
    )


async def use_invitation(tx: Connection, login: str, code_hash: bytes) -> bool:
    return await tx.fetchval(_SQL["use_invitation"], login, code_hash) is not None


async def lock_counter(
    tx: Connection, name: str, now: datetime, free_at: datetime
) -> tuple[int, datetime, datetime]:
    """(failures, when the last was, when the next is free), locked to the transaction's end."""
    await tx.execute(_SQL["add_counter"], name, now, free_at)
    row = await tx.fetchrow(_SQL["lock_counter"], name)
    return row["failures"], row["last_at"], row["free_at"]


async def count_attempt(tx: Connection, name: str, failures: int, now: datetime, free_at: datetime) -> None:
    await tx.execute(_SQL["count_attempt"], name, failures, now, free_at)


async def clear_attempts(tx: Connection, names: Sequence[str]) -> None:
    await tx.execute(_SQL["clear_attempts"], list(names))


async def uncount_attempt(tx: Connection, name: str) -> None:
    await tx.execute(_SQL["uncount_attempt"], name)


async def forget_attempts(tx: Connection, before: datetime) -> None:
    await tx.execute(_SQL["forget_attempts"], before)


def _person(row: Row) -> Person:
    return Person(
        Login(row["login"]), row["name"], OrgCode(row["org"]), frozenset(Role(role) for role in row["roles"]),
        row["active"], row["registered_at"],
    )  # fmt: skip
