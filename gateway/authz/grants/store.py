"""Rows of ``authz.data_grant`` as values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from gateway.audit import Cause, Written
from gateway.authz.grants.model import Grant, GrantState, Side, Terms
from gateway.catalog import TokenBinding
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.authz.grants")


@dataclass(frozen=True, slots=True)
class Callable:
    """A grant in force, and what a token under it says of its resource: code, version, what tokens must be bound to."""

    grant: Grant
    item: str
    item_version: int
    token_binding: TokenBinding | None


async def add(tx: Connection, grant: Grant) -> None:
    """Write a new grant; its ``cause`` is the record of its issue."""
    terms = grant.terms
    await tx.execute(
        _SQL["add_grant"], grant.id, grant.application_id, grant.consumer_org, grant.provider_org, grant.client_id,
        grant.resource_id, grant.service, grant.purpose, terms.model_dump(mode="json"), terms.daily_quota,
        terms.rules.per_minute, terms.valid_from, terms.valid_until, grant.issued_at, grant.cause.event_id, grant.cause.digest,
    )  # fmt: skip


async def find(tx: Connection, grant: GrantId) -> Grant | None:
    row = await tx.fetchrow(_SQL["find_grant"], grant)
    return _grant(row) if row else None


async def lock(tx: Connection, grant: GrantId) -> Grant | None:
    row = await tx.fetchrow(_SQL["lock_grant"], grant)
    return _grant(row) if row else None


async def on_resource(tx: Connection, resource: ResourceId, today: date) -> list[Grant]:
    return [_grant(row) for row in await tx.fetch(_SQL["grants_on_resource"], resource, today)]


async def callable_by(
    tx: Connection, client: ClientId, service: str, today: date, named: GrantId | None, purpose: str | None
) -> list[Callable]:
    """Grants in force for a client and service (only those named, of that purpose), at most two."""
    rows = await tx.fetch(_SQL["find_callable"], client, service, today, named, purpose)
    return [Callable(_grant(row), row["item"], row["item_version"], _binding(row)) for row in rows]


async def is_callable(connection: Connection, grant: GrantId, today: date) -> bool:
    """Whether calls may be made under a grant today, but for its quota and hours."""
    return bool(await connection.fetchval(_SQL["is_callable"], grant, today))


async def for_calls(tx: Connection, client: ClientId, service: str, named: GrantId | None) -> list[Grant]:
    """Grants of a client for a service in any state (only the named one, if named), the newest twenty."""
    return [_grant(row) for row in await tx.fetch(_SQL["find_for_calls"], client, service, named)]


async def callable_of(
    tx: Connection,
    org: str,
    client: str | None,
    service: str | None,
    today: date,
    after: UUID | None,
    count: int,
) -> list[Grant]:
    """Grants of a department that are in force, newest first."""
    rows = await tx.fetch(_SQL["find_callable_of"], org, client, service, today, after, count)
    return [_grant(row) for row in rows]


async def resource_of(tx: Connection, resource: ResourceId) -> tuple[str, str]:
    """Code and grade of a grant's resource."""
    row = await tx.fetchrow(_SQL["resource_of"], resource)
    return row["code"], row["grade"]


async def region_of(tx: Connection, org: OrgCode) -> str:
    """The division code of a department's region (GB/T 2260)."""
    return str(await tx.fetchval(_SQL["region_of"], org))


async def move(tx: Connection, after: Grant, over_at: datetime | None, written: Written) -> None:
    await tx.execute(
        _SQL["move_grant"], after.id, after.state, after.because, after.held_by, over_at, written.event_id, written.digest
    )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, state: str | None, after: UUID | None, count: int
) -> list[Grant]:
    return [_grant(row) for row in await tx.fetch(_SQL["list_grants"], org, state, after, count)]


def _binding(row: Row) -> TokenBinding | None:
    return TokenBinding(row["token_binding"]) if row["token_binding"] else None


def _grant(row: Row) -> Grant:
    issued: datetime = row["issued_at"]
    return Grant(
        id=GrantId(row["id"]),
        application_id=ApplicationId(row["application_id"]),
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        client_id=ClientId(row["client_id"]),
        resource_id=ResourceId(row["resource_id"]),
        service=ServiceName(row["service"]),
        purpose=row["purpose"],
        terms=Terms.model_validate_json(orjson.dumps(row["terms"])),
        state=GrantState(row["state"]),
        because=row["because"],
        held_by=Side(row["held_by"]) if row["held_by"] else None,
        version=row["version"],
        issued_at=issued,
        cause=Cause(row["event_id"], row["event_digest"]),
    )
