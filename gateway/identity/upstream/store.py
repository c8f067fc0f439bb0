"""Rows of accounts and used tickets as values; constraint names as refusals."""

from datetime import datetime
from uuid import UUID

from gateway.errors import Conflict
from gateway.identity.upstream.model import Account
from gateway.names import Login
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.identity.upstream")


class AccountTaken(Conflict):
    """This account, or another one with this provider, is linked already（该账号或该平台的其他账号已关联）."""

    remedy = (
        "Look who it is linked to; end that link first if it is wrong.",
        "请先核对已有关联；如有误，先解除原关联。",
    )


_WRITES = Writes(
    {
        "a_subject_stands_for_one_person": AccountTaken(
            "the subject stands for a person already", "该账号已关联人员"
        ),
        "a_person_has_one_account_with_an_issuer": AccountTaken(
            "the person has an account with this provider", "该人员已关联该平台的账号"
        ),
    }
)


async def add_account(tx: Connection, account: Account) -> None:
    """Raises AccountTaken."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_account"], account.id, account.login, account.issuer, account.subject, account.linked_by,
            account.linked_at,
        )  # fmt: skip


async def drop_account(tx: Connection, account: UUID, login: str) -> Account | None:
    row = await tx.fetchrow(_SQL["drop_account"], account, login)
    return _account(row) if row else None


async def accounts_of(tx: Connection, login: str) -> list[Account]:
    return [_account(row) for row in await tx.fetch(_SQL["accounts_of"], login)]


async def find_login(tx: Connection, issuer: str, subject: str) -> Login | None:
    found = await tx.fetchval(_SQL["find_login"], issuer, subject)
    return Login(found) if found else None


async def use_ticket(tx: Connection, digest: bytes, now: datetime, expires_at: datetime) -> bool:
    await tx.execute(_SQL["forget_tickets"], now)
    return await tx.fetchval(_SQL["use_ticket"], digest, expires_at) is not None


def _account(row: Row) -> Account:
    return Account(
        row["id"], Login(row["login"]), row["issuer"], row["subject"], row["linked_by"], row["linked_at"]
    )
