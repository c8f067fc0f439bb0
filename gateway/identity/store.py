"""Rows of schema ``identity`` as values; constraint names as refusals."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.errors import Conflict, FieldFault, Invalid
from gateway.identity.model import Client, ClientKey, Org, Person, Role
from gateway.names import ClientId, Login, OrgCode
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.identity")


class OrgKnown(Conflict):
    """A department with this code or name is registered already（该部门已登记）."""


class LoginTaken(Conflict):
    """This login is taken（登录名已被占用）."""


class ClientKnown(Conflict):
    """An application system with this id is registered already（该应用系统标识已登记）."""


class KeyKnown(Conflict):
    """This public key is registered already（该公钥已登记）."""

    remedy = (
        "Make a new key pair; a key serves one system only.",
        "请生成新的密钥对；一把密钥只能用于一个系统。",
    )


class PowersNotSeparated(Conflict):
    """No person may hold two of the three powers（三权分立：一人不得兼任）."""

    remedy = (
        "Give platform_admin, security_admin and auditor to three different people.",
        "平台管理员、安全管理员、审计管理员须由三名不同人员担任。",
    )


class RotationUnderWay(Conflict):
    """Another rotation of the signing key was faster（签名密钥正在轮换）."""


_WRITES = Writes(
    {
        "an_org_is_registered_once": OrgKnown("the code is registered", "该统一社会信用代码已登记"),
        "an_org_name_is_unique": OrgKnown("the name is registered", "该部门名称已登记"),
        "a_login_is_unique": LoginTaken("choose another login", "请更换登录名"),
        "a_person_belongs_to_an_org": Invalid(
            FieldFault("/org", "this department is not registered", "该部门尚未登记")
        ),
        "a_client_belongs_to_an_org": Invalid(
            FieldFault("/org", "this department is not registered", "该部门尚未登记")
        ),
        "a_client_id_is_unique": ClientKnown("choose another id", "请更换应用系统标识"),
        "a_client_key_is_registered_once": KeyKnown("the key is registered", "该公钥已登记"),
        "one_signing_key_is_in_use": RotationUnderWay("a new key is in place already", "新密钥已启用"),
        "no_person_holds_two_of_three_powers": PowersNotSeparated(
            "platform_admin, security_admin and auditor exclude each other", "平台、安全、审计三类管理员互斥"
        ),
    }
)


async def add_org(tx: Connection, code: str, name: str, region: str) -> None:
    """Raises OrgKnown."""
    with _WRITES.guarded():
        await tx.execute(_SQL["add_org"], code, name, region)


async def find_org(tx: Connection, code: str) -> Org | None:
    row = await tx.fetchrow(_SQL["find_org"], code)
    return _org(row) if row else None


async def list_orgs(tx: Connection, after: str | None, count: int) -> list[Org]:
    return [_org(row) for row in await tx.fetch(_SQL["list_orgs"], after, count)]


async def add_person(tx: Connection, login: str, name: str, org: str, roles: Iterable[Role]) -> None:
    """Raises LoginTaken, PowersNotSeparated, Invalid (unknown org)."""
    with _WRITES.guarded():
        await tx.execute(_SQL["add_person"], login, name, org)
        await tx.executemany(_SQL["add_role"], [(login, role) for role in roles])


async def replace_roles(tx: Connection, login: str, roles: Iterable[Role]) -> None:
    """Raises PowersNotSeparated."""
    with _WRITES.guarded():
        await tx.execute(_SQL["lock_person"], login)
        await tx.execute(_SQL["drop_roles"], login)
        await tx.executemany(_SQL["add_role"], [(login, role) for role in roles])


async def lock_person(tx: Connection, login: str) -> None:
    """So that acts on one person follow each other."""
    await tx.execute(_SQL["lock_person"], login)


async def find_person(tx: Connection, login: str) -> Person | None:
    row = await tx.fetchrow(_SQL["find_person"], login)
    return _person(row) if row else None


async def list_people(tx: Connection, org: str | None, after: str | None, count: int) -> list[Person]:
    return [_person(row) for row in await tx.fetch(_SQL["list_people"], org, after, count)]


async def any_person(tx: Connection) -> bool:
    return bool(await tx.fetchval(_SQL["any_person"]))


async def disable_person(tx: Connection, login: str) -> bool:
    return await tx.fetchval(_SQL["disable_person"], login) is not None


async def add_client(
    tx: Connection, client_id: str, name: str, org: str, keys: Iterable[dict[str, Any]]
) -> None:
    """Raises ClientKnown, KeyKnown, Invalid (unknown org)."""
    with _WRITES.guarded():
        await tx.execute(_SQL["add_client"], client_id, name, org)
        for jwk in keys:
            await tx.execute(_SQL["add_key"], client_id, jwk["kid"], jwk)


async def add_key(tx: Connection, client_id: str, jwk: dict[str, Any]) -> None:
    """Raises KeyKnown."""
    with _WRITES.guarded():
        await tx.execute(_SQL["add_key"], client_id, jwk["kid"], jwk)


async def find_client(tx: Connection, client_id: str) -> Client | None:
    row = await tx.fetchrow(_SQL["find_client"], client_id)
    return _client(row, await tx.fetch(_SQL["keys_of"], client_id)) if row else None


async def list_clients(tx: Connection, org: str | None, after: str | None, count: int) -> list[Client]:
    rows = await tx.fetch(_SQL["list_clients"], org, after, count)
    return [_client(row, await tx.fetch(_SQL["keys_of"], row["id"])) for row in rows]


async def revoke_key(tx: Connection, client_id: str, kid: str) -> bool:
    return await tx.fetchval(_SQL["revoke_key"], client_id, kid) is not None


async def disable_client(tx: Connection, client_id: str) -> bool:
    return await tx.fetchval(_SQL["disable_client"], client_id) is not None


async def live_key(
    tx: Connection, client_id: str, kid: str
) -> tuple[dict[str, Any], OrgCode, str | None] | None:
    """The key, its client's department, if both are in force, and the certificate the key came with, if any."""
    row = await tx.fetchrow(_SQL["live_key"], client_id, kid)
    return (row["jwk"], OrgCode(row["org"]), row["certificate"]) if row else None


async def use_assertion(tx: Connection, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Whether this is the first use."""
    await tx.execute(_SQL["forget_assertions"])
    return await tx.fetchval(_SQL["use_assertion"], client_id, jti, expires_at) is not None


async def rotate_signing_key(tx: Connection, kid: str, public: dict[str, Any], wrapped: bytes) -> list[str]:
    """Put a new key in place; the kids retired by it. Raises RotationUnderWay."""
    retired = await tx.fetch(_SQL["retire_signing_keys"])
    with _WRITES.guarded():
        await tx.execute(_SQL["add_signing_key"], kid, public, wrapped)
    return [row["kid"] for row in retired]


async def current_signing_key(tx: Connection) -> Row | None:
    row: Row | None = await tx.fetchrow(_SQL["current_signing_key"])
    return row


async def public_keys(tx: Connection, longest_token_seconds: int) -> list[dict[str, Any]]:
    return [row["public_jwk"] for row in await tx.fetch(_SQL["public_keys"], float(longest_token_seconds))]


def _org(row: Row) -> Org:
    return Org(OrgCode(row["code"]), row["name"], row["region"], row["registered_at"])


def _person(row: Row) -> Person:
    roles = frozenset(Role(name) for name in row["roles"])
    return Person(
        Login(row["login"]), row["name"], OrgCode(row["org"]), roles, row["active"], row["registered_at"]
    )


def _client(row: Row, keys: Iterable[Row]) -> Client:
    held = tuple(ClientKey(key["kid"], key["jwk"], key["added_at"], key["revoked_at"]) for key in keys)
    return Client(
        ClientId(row["id"]), row["name"], OrgCode(row["org"]), row["active"], row["registered_at"], held
    )
