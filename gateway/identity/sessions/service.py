"""Acts on sessions: begun by the ways of signing in, asked on every request, ended by the person or an administrator."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.audit.model import JSON
from gateway.errors import Conflict, NotFound, Unauthenticated
from gateway.identity.evidence import who
from gateway.identity.model import Person, Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions import store
from gateway.identity.sessions.model import (
    Because,
    Proof,
    Session,
    digest,
    is_session_token,
    needs_second_factor,
    new_token,
    proved_by,
    session_of,
)
from gateway.identity.store import find_person
from gateway.names import Login, new_id
from gateway.settings import Identity as Limits
from gateway.storage import Connection, Database
from gateway.web import Principal

Identify = Callable[[str, str], Awaitable[Principal]]
_SEEN_EVERY: Final = timedelta(seconds=60)
_KEPT: Final = timedelta(days=30)
"""How long a session over is kept for whoever looks into the database."""


class SessionOver(Unauthenticated):
    """The session is over（会话已结束）."""

    remedy = ("Sign in again: POST /v1/sign-in.", "请重新登录：POST /v1/sign-in。")


class NoSession(Conflict):
    """This request came without a session（本次请求不属于任何会话）."""

    remedy = (
        "A token made on the gateway's machine ends by its own time; only a session can be signed out.",
        "在网关主机上签发的令牌到期自动失效；只有登录会话可以退出。",
    )


class NoSuchSession(NotFound):
    """There is no such session in force（没有该有效会话）."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session and its token, which is shown this once."""

    token: str
    session: Session
    person: Person
    idle_seconds: int


class Sessions:
    """The room's acts.

    Args:
        otherwise: identifies bearer tokens that are no session tokens.
        now: the domain's clock.
    """

    def __init__(
        self, database: Database, log: AuditLog, limits: Limits, now: Callable[[], datetime], otherwise: Identify
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._limits = limits
        self._now = now
        self._otherwise = otherwise

    async def identify(self, token: str, address: str) -> Principal:
        """The person a bearer token of the control API stands for, with the roles held now.

        Raises:
            SessionOver: an unknown, ended or expired session; the person was disabled, or decides by now and showed one
                factor only.
            Unauthenticated: see :meth:`gateway.identity.Identity.identify`.
        """
        if not is_session_token(token):
            return await self._otherwise(token, address)
        now = self._now()
        async with self._database.connection() as connection:
            found = await store.find_bearer(connection, digest(token), now, self._idle_since(now))
            if found is None or not found.active:
                raise SessionOver("sign in again", "请重新登录")
            if needs_second_factor(found.roles) and not found.session.proof.second_factor:
                raise SessionOver(
                    "your roles ask for a second factor: sign in again", "当前角色须双因素登录，请重新登录"
                )
            if now - found.session.seen_at >= _SEEN_EVERY:
                await store.see_session(connection, found.session.id, now)
        roles = frozenset(str(role) for role in found.roles)
        return Principal(
            "person", found.session.login, found.org, roles, address, proved_by(found.session.id)
        )

    async def begin(self, tx: Connection, person: Person, proof: Proof, address: str) -> Begun:
        """A session for a person who just proved themselves, inside the sign-in's transaction, with its record."""
        now, token = self._now(), new_token()
        until = now + timedelta(seconds=self._limits.session_seconds)
        session = Session(new_id(), person.login, proof, address[:100], now, now, until)
        await store.forget_sessions(tx, now - _KEPT)
        await store.add_session(tx, session, digest(token))
        actor = Who(
            "person", person.login, person.org, address=address, authenticated_by=proved_by(session.id)
        )
        shown: dict[str, JSON] = {
            "method": proof.method,
            "second_factor": proof.second_factor,
            "provider": proof.provider or "",
        }
        await self._log.emit(tx, Event(
            EventType.SIGNED_IN, Outcome.DONE, actor, object_kind="session", object_id=str(session.id), detail=shown,
        ))  # fmt: skip
        return Begun(token, session, person, self._limits.session_idle_seconds)

    async def myself(self, actor: Principal) -> Person:
        """The person who asks.

        Raises:
            NoSuchPerson: gone since the request was let in.
        """
        async with self._database.connection() as connection:
            return await self._person(connection, actor.id)

    async def mine(self, actor: Principal) -> list[Session]:
        """The own sessions in force."""
        async with self._database.connection() as connection:
            return await self._in_force(connection, actor.id)

    async def of_person(self, login: Login) -> list[Session]:
        """A person's sessions in force.

        Raises:
            NoSuchPerson: unknown.
        """
        async with self._database.connection() as connection:
            await self._person(connection, login)
            return await self._in_force(connection, login)

    async def sign_out(self, actor: Principal) -> Session:
        """End the session the request came with.

        Raises:
            NoSession: it came with another token.
        """
        current = session_of(actor)
        if current is None:
            raise NoSession("the bearer token is not a session token", "所用令牌不是会话令牌")
        return await self._end_own(actor, current, Because.SIGNED_OUT, EventType.SIGNED_OUT)

    async def end_mine(self, actor: Principal, session: UUID) -> Session:
        """End one of the own sessions.

        Raises:
            NoSuchSession: not in force, or somebody else's.
        """
        return await self._end_own(actor, session, Because.BY_PERSON, EventType.SESSIONS_ENDED)

    async def end_all(self, actor: Principal, login: Login) -> int:
        """An administrator ends all sessions of a person; how many there were.

        Raises:
            NoSuchPerson: unknown.
        """
        async with self._database.transaction() as tx:
            await self._person(tx, login)
            count = await store.end_sessions(tx, login, Because.BY_ADMINISTRATOR)
            await self._log.emit(tx, Event(
                EventType.SESSIONS_ENDED, Outcome.DONE, who(actor, Role.SECURITY_ADMIN), object_kind="person",
                object_id=login, detail={"because": Because.BY_ADMINISTRATOR, "count": count},
            ))  # fmt: skip
        return count

    async def _end_own(
        self, actor: Principal, session: UUID, because: Because, kind: EventType
    ) -> Session:  # fmt: skip
        async with self._database.transaction() as tx:
            held = {one.id: one for one in await self._in_force(tx, actor.id)}
            if session not in held or not await store.end_session(tx, session, actor.id, because):
                raise NoSuchSession(
                    f"{session} is no session of yours in force", f"{session} 不是本人的有效会话"
                )
            await self._log.emit(tx, Event(
                kind, Outcome.DONE, who(actor), object_kind="session", object_id=str(session),
                detail={"because": because, "count": 1},
            ))  # fmt: skip
            return held[session]

    async def _in_force(self, connection: Connection, login: str) -> list[Session]:
        now = self._now()
        return await store.sessions_of(connection, login, now, self._idle_since(now))

    async def _person(self, connection: Connection, login: str) -> Person:
        found = await find_person(connection, login)
        if found is None:
            raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
        return found

    def _idle_since(self, now: datetime) -> datetime:
        return now - timedelta(seconds=self._limits.session_idle_seconds)
