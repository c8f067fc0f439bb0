"""Acts on identities: each method is one act, one transaction, one audit record."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound, Unauthenticated
from gateway.identity import store
from gateway.identity.evidence import who
from gateway.identity.model import Client, Org, Person, Role, are_separated
from gateway.identity.sessions.model import Because
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import PowersNotSeparated
from gateway.identity.tokens import Tokens
from gateway.names import ClientId, Login, OrgCode, new_id
from gateway.settings import Platform
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal

_SYSTEM: Final = Who(kind="system", id="gateway", role="bootstrap")
BOOTSTRAP: Final = (
    (Login("platform-admin"), "平台管理员", Role.PLATFORM_ADMIN),
    (Login("security-admin"), "安全管理员", Role.SECURITY_ADMIN),
    (Login("auditor"), "审计管理员", Role.AUDITOR),
)


class NoSuchOrg(NotFound):
    """There is no such department（没有该部门）."""


class NoSuchPerson(NotFound):
    """There is no such person（没有该人员）."""


class NoSuchClient(NotFound):
    """There is no such application system（没有该应用系统）."""


class NoSuchKey(NotFound):
    """There is no such key in force（没有该有效公钥）."""


class AlreadyDisabled(Conflict):
    """It is disabled already（已停用）."""


class OwnRoles(Forbidden):
    """Nobody changes the own roles or disables oneself（不得变更本人角色或停用本人）."""


Enrol = Callable[[Connection, ClientId, str, str], Awaitable[object]]
"""Judges and stores a client's certificate (PEM) within an act; the last text is where it stands in the request."""


async def _no_certificates(_tx: Connection, _client: ClientId, _chain: str, pointer: str) -> object:
    raise Invalid(FieldFault(pointer, "this process judges no certificates", "本进程不受理证书"))


class Identity:
    """The room's acts.

    Args:
        database: the control zone's.
        enrol: takes in certificates of clients.
        tls_methods: how clients may prove themselves in mutual TLS here (RFC 8705 section 2), for the metadata.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        tokens: Tokens,
        enrol: Enrol = _no_certificates,
        tls_methods: tuple[str, ...] = (),
    ) -> None:
        self._database = database
        self._log = log
        self._enrol = enrol
        self.tls_methods = tls_methods
        self.tokens = tokens

    async def bootstrap(self, platform: Platform) -> list[Login]:
        """On an empty installation: the platform's department, the first key, and the three administrators.

        Returns:
            The logins made; empty if somebody is registered already.
        """
        async with self._database.transaction() as tx:
            if await store.any_person(tx):
                return []
            kid, _ = await self.tokens.keys.rotate(tx)
            await self._emit(tx, EventType.KEY_CREATED, _SYSTEM, "key", kid)
            await store.add_org(tx, platform.org_code, platform.org_name, platform.region)
            await self._emit(tx, EventType.ORG_REGISTERED, _SYSTEM, "org", platform.org_code)
            for login, name, role in BOOTSTRAP:
                await store.add_person(tx, login, name, platform.org_code, [role])
                await self._emit(tx, EventType.PERSON_REGISTERED, _SYSTEM, "person", login, roles=[role])
        return [login for login, _, _ in BOOTSTRAP]

    async def identify(self, token: str, address: str) -> Principal:
        """The person a token of the control API stands for, with the roles held now.

        Raises:
            TokenRefused: see :meth:`Tokens.verify`.
            Unauthenticated: the person was disabled.
        """
        access = await self.tokens.verify(token, self.tokens.control_audience)
        kind, _, login = access.subject.partition(":")
        async with self._database.connection() as connection:
            person = await store.find_person(connection, login) if kind == "person" else None
        if person is None or not person.active:
            raise Unauthenticated("the person of this token is not active", "令牌对应的人员已停用")
        roles = frozenset(str(role) for role in person.roles)
        return Principal("person", login, person.org, roles, address, f"token {access.token_id}")

    async def console_token(self, login: Login, seconds: int | None = None) -> tuple[str, int]:
        """A token for a person, issued on the box: whoever reads the master key may do this.

        Returns:
            The token and its expiry in Unix seconds.

        Raises:
            NoSuchPerson: unknown or disabled.
        """
        async with self._database.transaction() as tx:
            person = await store.find_person(tx, login)
            if person is None or not person.active:
                raise NoSuchPerson(f"{login} is unknown or disabled", f"{login} 不存在或已停用")
            token, token_id, expires = await self.tokens.issue_for_person(tx, login, seconds)
            await self._emit(
                tx,
                EventType.PERSON_TOKEN_ISSUED,
                Who(kind="system", id="console"),
                "person",
                login,
                token_id=token_id,
            )
        return token, expires

    async def register_org(
        self, actor: Principal, code: OrgCode, name: str, region: str, once: Once | None
    ) -> Org:
        """Raises OrgKnown; IdempotencyKeyReused."""
        async with self._database.transaction() as tx:
            if await claim(tx, once, new_id()) is None:
                await store.add_org(tx, code, name, region)
                await self._done(tx, EventType.ORG_REGISTERED, actor, Role.PLATFORM_ADMIN, "org", code)
            return await self._org(tx, code)

    async def org(self, code: OrgCode) -> Org:
        """Raises NoSuchOrg."""
        async with self._database.connection() as connection:
            return await self._org(connection, code)

    async def orgs(self, after: str | None, count: int) -> list[Org]:
        """Departments by code."""
        async with self._database.connection() as connection:
            return await store.list_orgs(connection, after, count)

    async def register_person(
        self,
        actor: Principal,
        login: Login,
        name: str,
        org: OrgCode,
        roles: Sequence[Role],
        once: Once | None,
    ) -> Person:
        """Raises LoginTaken; PowersNotSeparated; Invalid (unknown department)."""
        _check_separation(roles)
        async with self._database.transaction() as tx:
            if await claim(tx, once, new_id()) is None:
                await store.add_person(tx, login, name, org, roles)
                await self._done(
                    tx,
                    EventType.PERSON_REGISTERED,
                    actor,
                    Role.SECURITY_ADMIN,
                    "person",
                    login,
                    roles=list(roles),
                )
            return await self._person(tx, login)

    async def change_roles(self, actor: Principal, login: Login, roles: Sequence[Role]) -> Person:
        """Replace a person's roles; in force with the next request.

        Raises:
            OwnRoles, PowersNotSeparated, NoSuchPerson.
        """
        _check_not_self(actor, login)
        _check_separation(roles)
        async with self._database.transaction() as tx:
            before = await self._person(tx, login)
            await store.replace_roles(tx, login, roles)
            ended = await end_sessions(tx, login, Because.ROLES_CHANGED)
            await self._done(
                tx, EventType.PERSON_ROLES_CHANGED, actor, Role.SECURITY_ADMIN, "person", login,
                before=sorted(before.roles), after=sorted(roles), sessions_ended=ended,
            )  # fmt: skip
            return await self._person(tx, login)

    async def disable_person(self, actor: Principal, login: Login) -> Person:
        """End a person's access; in force with the next request.

        Raises:
            OwnRoles, NoSuchPerson, AlreadyDisabled.
        """
        _check_not_self(actor, login)
        async with self._database.transaction() as tx:
            await self._person(tx, login)
            if not await store.disable_person(tx, login):
                raise AlreadyDisabled(f"{login} is disabled", f"{login} 已停用")
            ended = await end_sessions(tx, login, Because.DISABLED)
            await self._done(
                tx,
                EventType.PERSON_DISABLED,
                actor,
                Role.SECURITY_ADMIN,
                "person",
                login,
                sessions_ended=ended,
            )
            return await self._person(tx, login)

    async def person(self, actor: Principal, login: Login) -> Person:
        """Raises NoSuchPerson, also for people of other departments unless the actor is an administrator."""
        async with self._database.connection() as connection:
            person = await self._person(connection, login)
        if person.org != actor.org and not _sees_all(actor):
            raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
        return person

    async def people(self, actor: Principal, after: str | None, count: int) -> list[Person]:
        """People by login: all for administrators, the own department's for others."""
        async with self._database.connection() as connection:
            return await store.list_people(connection, _scope(actor), after, count)

    async def register_client(
        self,
        actor: Principal,
        client: ClientId,
        name: str,
        org: OrgCode,
        keys: list[dict[str, Any]],
        certificates: list[str],
        once: Once | None,
    ) -> Client:
        """Raises ClientKnown; KeyKnown; CertificateKnown; Invalid (unknown department, a certificate not accepted)."""
        if not keys and not certificates:
            raise Invalid(FieldFault("/keys", "give a key or a certificate", "须提交公钥或证书"))
        async with self._database.transaction() as tx:
            if await claim(tx, once, new_id()) is None:
                await store.add_client(tx, client, name, org, keys)
                for at, chain in enumerate(certificates):
                    await self._enrol(tx, client, chain, f"/certificates/{at}")
                await self._done(
                    tx, EventType.CLIENT_REGISTERED, actor, Role.SECURITY_ADMIN, "client", client,
                    kids=[key["kid"] for key in keys], certificates=len(certificates), consumer_org=org,
                )  # fmt: skip
            return await self._client(tx, client)

    async def add_key(
        self, actor: Principal, client: ClientId, jwk: dict[str, Any], once: Once | None
    ) -> Client:
        """Raises NoSuchClient; KeyKnown."""
        async with self._database.transaction() as tx:
            if await claim(tx, once, new_id()) is None:
                await self._client(tx, client)
                await store.add_key(tx, client, jwk)
                await self._done(
                    tx,
                    EventType.CLIENT_KEY_ADDED,
                    actor,
                    Role.SECURITY_ADMIN,
                    "client",
                    client,
                    kid=jwk["kid"],
                )
            return await self._client(tx, client)

    async def revoke_key(self, actor: Principal, client: ClientId, kid: str) -> Client:
        """End a key, and the tokens got with it. Raises NoSuchClient; NoSuchKey."""
        async with self._database.transaction() as tx:
            await self._client(tx, client)
            if not await store.revoke_key(tx, client, kid):
                raise NoSuchKey(f"{kid} is no key in force", f"{kid} 不是有效公钥")
            longest = self.tokens.limits.longest_token_seconds
            await store.revoke(tx, "prover", kid, self.tokens.now(), longest)
            await self._done(
                tx, EventType.CLIENT_KEY_REVOKED, actor, Role.SECURITY_ADMIN, "client", client, kid=kid
            )
            found = await self._client(tx, client)
        self.tokens.revocations.expire()
        return found

    async def disable_client(self, actor: Principal, client: ClientId) -> Client:
        """End a client's access, tokens already issued included.

        Raises:
            NoSuchClient, AlreadyDisabled.
        """
        async with self._database.transaction() as tx:
            await self._client(tx, client)
            if not await store.disable_client(tx, client):
                raise AlreadyDisabled(f"{client} is disabled", f"{client} 已停用")
            await self._done(tx, EventType.CLIENT_DISABLED, actor, Role.SECURITY_ADMIN, "client", client)
            return await self._client(tx, client)

    async def client(self, actor: Principal, client: ClientId) -> Client:
        """Raises NoSuchClient, also for other departments' unless the actor is an administrator."""
        async with self._database.connection() as connection:
            found = await self._client(connection, client)
        if found.org != actor.org and not _sees_all(actor):
            raise NoSuchClient(f"{client} is unknown", f"{client} 不存在")
        return found

    async def clients(self, actor: Principal, after: str | None, count: int) -> list[Client]:
        """Clients by id: all for administrators, the own department's for others."""
        async with self._database.connection() as connection:
            return await store.list_clients(connection, _scope(actor), after, count)

    async def rotate_key(self, actor: Principal) -> str:
        """Let the announced signing key, or a new one, sign at once; the kid. Issued tokens stay valid to their end."""
        async with self._database.transaction() as tx:
            kid, retired = await self.tokens.keys.rotate(tx)
            await self._done(
                tx, EventType.KEY_ROTATED, actor, Role.SECURITY_ADMIN, "key", kid, retired=retired
            )
        self.tokens.keys.expire()
        return kid

    async def _org(self, tx: Connection, code: str) -> Org:
        found = await store.find_org(tx, code)
        if found is None:
            raise NoSuchOrg(f"no department {code}", f"没有部门 {code}")
        return found

    async def _person(self, tx: Connection, login: str) -> Person:
        found = await store.find_person(tx, login)
        if found is None:
            raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
        return found

    async def _client(self, tx: Connection, client: str) -> Client:
        found = await store.find_client(tx, client)
        if found is None:
            raise NoSuchClient(f"{client} is unknown", f"{client} 不存在")
        return found

    async def _done(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, what: str, which: str,
        consumer_org: str = "", **detail: Any,
    ) -> None:  # fmt: skip
        await self._emit(tx, kind, who(actor, role), what, which, consumer_org, **detail)

    async def _emit(
        self, tx: Connection, kind: EventType, actor: Who, what: str, which: str, consumer_org: str = "", **detail: Any
    ) -> None:  # fmt: skip
        await self._log.emit(
            tx,
            Event(
                type=kind,
                outcome=Outcome.DONE,
                who=actor,
                object_kind=what,
                object_id=which,
                consumer_org=consumer_org,
                detail=detail,
            ),
        )


def _check_separation(roles: Sequence[Role]) -> None:
    if len(set(roles)) != len(roles):
        raise Invalid(FieldFault("/roles", "a role stands twice", "角色重复"))
    if not are_separated(roles):
        raise PowersNotSeparated(
            "platform_admin, security_admin and auditor exclude each other", "平台、安全、审计三类管理员互斥"
        )


def _check_not_self(actor: Principal, login: Login) -> None:
    if actor.id == login:
        raise OwnRoles("another security administrator must do this", "须由其他安全管理员办理")


def _sees_all(actor: Principal) -> bool:
    return bool(actor.roles & {Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


def _scope(actor: Principal) -> str | None:
    return None if _sees_all(actor) else actor.org
