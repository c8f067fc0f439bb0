"""Rows of schema ``identity`` as values; constraint names as refusals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.errors import Conflict, FieldFault, Invalid
from gateway.identity.model import Client, ClientKey, Org, Person, Role
from gateway.names import ClientId, Login, OrgCode
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.identity")
KINDS: Final = ("token", "subject", "prover")
"""What a revocation is of: a token's id, a subject, the thumbprint of a key or certificate."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tokens issued until then (Unix seconds) are refused; for a token's id any time will do."""

    kind: str
    id: str
    issued_until: int


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the gateway as stored: when it signs, and whether it does at this moment; times are instants."""

    kid: str
    public: dict[str, Any]
    active_from: datetime
    retired_at: datetime | None
    is_current: bool


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
    """The key, its client's department and the certificate the key came with, if client and key are in force."""
    row = await tx.fetchrow(_SQL["live_key"], client_id, kid)
    return (row["jwk"], OrgCode(row["org"]), row["certificate"]) if row else None


async def client_key(connection: Connection, client_id: str, kid: str) -> dict[str, Any] | None:
    """The key, whether or not it is in force."""
    jwk: dict[str, Any] | None = await connection.fetchval(_SQL["client_key"], client_id, kid)
    return jwk


async def use_assertion(
    connection: Connection, client_id: str, kid: str, jti: str, expires_at: datetime
) -> tuple[OrgCode, str | None] | None:
    """The client's department and the key's certificate, if both are in force and this is the assertion's first use."""
    row = await connection.fetchrow(_SQL["use_assertion"], client_id, kid, jti, expires_at)
    return (OrgCode(row["org"]), row["certificate"]) if row else None


async def assertion_was_used(connection: Connection, client_id: str, jti: str) -> bool:
    return bool(await connection.fetchval(_SQL["assertion_was_used"], client_id, jti))


async def forget_assertions(connection: Connection) -> None:
    await connection.execute(_SQL["forget_assertions"])


async def use_proof(connection: Connection, digest: bytes, nonce_at: int) -> bool:
    """Whether this is the first use, of a proof over a nonce made after the store was last emptied."""
    return await connection.fetchval(_SQL["use_proof"], digest, float(nonce_at)) is not None


async def proof_is_older_than_store(connection: Connection, nonce_at: int) -> bool:
    """Whether a proof over this nonce may have been used before a crash; opens an emptied store again."""
    await connection.execute(_SQL["open_proof_store"])
    return bool(await connection.fetchval(_SQL["proof_store_is_younger"], float(nonce_at)))


async def proof_can_be_used(connection: Connection, digest: bytes, nonce_at: int) -> bool:
    """What :func:`use_proof` would say, without using it."""
    return bool(await connection.fetchval(_SQL["proof_can_be_used"], digest, float(nonce_at)))


async def forget_proofs(connection: Connection, seconds: int) -> None:
    await connection.execute(_SQL["forget_proofs"], float(seconds))


async def revocation_changes(connection: Connection) -> int:
    return int(await connection.fetchval(_SQL["revocation_changes"]))


async def revocations(connection: Connection) -> list[Revocation]:
    rows = await connection.fetch(_SQL["revocations"])
    return [Revocation(row["kind"], row["id"], row["issued_until"]) for row in rows]


async def revoke(tx: Connection, kind: str, name: str, issued_until: int, seconds: int) -> None:
    """Refuse tokens from now on, for as long as one could still be valid; earlier ones that are over are forgotten.

    Args:
        issued_until: Unix seconds.
        seconds: for how long.
    """
    await tx.execute(_SQL["forget_revocations"])
    await tx.execute(_SQL["revoke"], kind, name, float(issued_until), float(seconds))
    await tx.execute(_SQL["count_revocation"])


async def lock_signing_keys(tx: Connection) -> None:
    """Two changes of the keys follow each other."""
    await tx.execute(_SQL["lock_signing_keys"])


async def promote_announced_key(tx: Connection) -> tuple[str, list[str]] | None:
    """Let the announced key sign from now on: its kid and those retired by it; None if there is none."""
    kid = await tx.fetchval(_SQL["promote_announced_key"])
    if kid is None:
        return None
    return str(kid), [row["kid"] for row in await tx.fetch(_SQL["retire_all_but"], kid)]


async def keep_current_key(tx: Connection) -> None:
    """Let the present key sign on: the one announced to follow it is gone."""
    await tx.execute(_SQL["keep_current_key"])


async def announced_key(tx: Connection) -> str | None:
    kid: str | None = await tx.fetchval(_SQL["announced_key"])
    return kid


async def rotate_signing_key(
    tx: Connection, kid: str, public: dict[str, Any], wrapped: bytes, seconds: int
) -> list[str]:
    """Put a new key in place, to sign from ``seconds`` ahead; the kids retired then. Raises RotationUnderWay."""
    retired = await tx.fetch(_SQL["retire_signing_keys"], float(seconds))
    with _WRITES.guarded():
        await tx.execute(_SQL["add_signing_key"], kid, public, wrapped, float(seconds))
    return [row["kid"] for row in retired]


async def revoke_signing_key(tx: Connection, kid: str) -> bool:
    return await tx.fetchval(_SQL["revoke_signing_key"], kid) is not None


async def wrapped_key(tx: Connection, kid: str) -> bytes:
    wrapped: bytes = await tx.fetchval(_SQL["wrapped_key"], kid)
    return wrapped


async def signing_keys(connection: Connection, longest_token_seconds: int) -> list[SigningKey]:
    """Keys that sign, will sign, or signed tokens that may still be valid: the announced first, then the newest."""
    rows = await connection.fetch(_SQL["signing_keys"], float(longest_token_seconds))
    return [
        SigningKey(row["kid"], row["public_jwk"], row["active_from"], row["retired_at"], row["is_current"])
        for row in rows
    ]


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
