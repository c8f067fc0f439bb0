"""What is registered of what a roster names, and the changes only a roster makes."""

from collections.abc import Sequence
from typing import Any

from gateway.identity.model import Client, ClientKey, Person, Role
from gateway.identity.roster.model import Known, Row
from gateway.names import ClientId, Login, OrgCode
from gateway.storage import Connection, Queries
from gateway.storage import Row as Record

_SQL = Queries("gateway.identity.roster")


async def known(tx: Connection, rows: Sequence[Row]) -> Known:
    """Locks what the rows name."""
    logins = [row.values["login"] for row in rows if row.kind == "people"]
    clients = [row for row in rows if row.kind == "clients"]
    ids = [row.values["id"] for row in clients]
    kids = [key["kid"] for row in clients for key in row.values["keys"]]
    orgs = await tx.fetch(_SQL["known_orgs"], [row.values["org"] for row in rows])
    people = [_person(row) for row in await tx.fetch(_SQL["known_people"], logins)]
    found = await tx.fetch(_SQL["known_clients"], ids)
    keys = await tx.fetch(_SQL["known_keys"], ids, kids)
    return Known(
        frozenset(row["code"] for row in orgs),
        {person.login: person for person in people},
        {row["id"]: _client(row, keys) for row in found},
        {row["kid"]: row["client_id"] for row in keys},
    )


async def rename_person(tx: Connection, login: str, name: str) -> None:
    await tx.execute(_SQL["rename_person"], login, name)


async def rename_client(tx: Connection, client: str, name: str) -> None:
    await tx.execute(_SQL["rename_client"], client, name)


async def everybody(tx: Connection, count: int) -> tuple[list[Person], list[Client]]:
    """At most ``count`` of each, by department; clients without keys."""
    people = [_person(row) for row in await tx.fetch(_SQL["all_people"], count)]
    return people, [_client(row, ()) for row in await tx.fetch(_SQL["all_clients"], count)]


def _person(row: Record) -> Person:
    return Person(
        Login(row["login"]), row["name"], OrgCode(row["org"]), frozenset(Role(role) for role in row["roles"]),
        row["active"], row["registered_at"],
    )  # fmt: skip


def _client(row: Record, keys: Sequence[Any]) -> Client:
    own = tuple(
        ClientKey(key["kid"], key["jwk"], key["added_at"], key["revoked_at"])
        for key in keys
        if key["client_id"] == row["id"]
    )
    return Client(
        ClientId(row["id"]), row["name"], OrgCode(row["org"]), row["active"], row["registered_at"], own
    )
