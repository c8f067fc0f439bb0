"""Rows of ``identity.session`` as values."""

from datetime import datetime
from uuid import UUID

from gateway.identity.model import Role
from gateway.identity.sessions.model import Bearer, Because, Method, Proof, Session
from gateway.names import Login
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.identity.sessions")


async def add_session(tx: Connection, session: Session, token_hash: bytes) -> None:
    proof = session.proof
    await tx.execute(
        _SQL["add_session"], session.id, token_hash, session.login, proof.method, proof.provider,
        proof.second_factor, session.address, session.started_at, session.expires_at,
    )  # fmt: skip


async def forget_sessions(tx: Connection, before: datetime) -> None:
    await tx.execute(_SQL["forget_sessions"], before)


async def find_bearer(
    tx: Connection, token_hash: bytes, now: datetime, idle_since: datetime
) -> Bearer | None:
    row = await tx.fetchrow(_SQL["find_bearer"], token_hash, now, idle_since)
    if row is None:
        return None
    return Bearer(_session(row), row["org"], frozenset(Role(role) for role in row["roles"]), row["active"])


async def see_session(tx: Connection, session: UUID, now: datetime) -> None:
    await tx.execute(_SQL["see_session"], session, now)


async def sessions_of(tx: Connection, login: str, now: datetime, idle_since: datetime) -> list[Session]:
    return [_session(row) for row in await tx.fetch(_SQL["sessions_of"], login, now, idle_since)]


async def end_session(tx: Connection, session: UUID, login: str, because: Because) -> bool:
    return await tx.fetchval(_SQL["end_session"], session, login, because) is not None


async def end_sessions(tx: Connection, login: str, because: Because, provider: str | None = None) -> int:
    return len(await tx.fetch(_SQL["end_sessions"], login, because, provider))


def _session(row: Row) -> Session:
    proof = Proof(Method(row["method"]), row["second_factor"], row["provider"])
    return Session(
        row["id"], Login(row["login"]), proof, row["address"], row["started_at"], row["seen_at"], row["expires_at"]
    )  # fmt: skip
