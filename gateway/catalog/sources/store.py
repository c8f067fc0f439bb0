"""Rows of ``catalog.element`` and ``catalog.item_claim`` as values."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import Written
from gateway.catalog.model import Resource
from gateway.catalog.sources.model import Claim, Clash, Element, Origin, Position, Standing
from gateway.names import OrgCode, ResourceId, new_id
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.catalog.sources")


async def register(tx: Connection, resource: Resource, now: datetime) -> None:
    """Take over what the description says its items mean; claims of items that are gone end."""
    items = resource.description.items
    uncoded = [item.name for item in items if item.element is None]
    await tx.execute(_SQL["keep_claims"], resource.id, [item.name for item in items], uncoded)
    for item in sorted(items, key=lambda one: one.element or ""):
        if item.element is not None:
            element = await ensure(tx, item.element)
            await put(
                tx, resource, item.name, element, Position.SOURCE, Origin.DESCRIPTION, basis=None, now=now
            )


async def ensure(tx: Connection, code: str) -> UUID:
    await tx.execute(_SQL["ensure_element"], new_id(), code)
    found: UUID = await tx.fetchval(_SQL["element_by_code"], code)
    return found


async def put(
    tx: Connection,
    resource: Resource,
    item: str,
    element: UUID,
    position: Position,
    origin: Origin,
    *,
    basis: str | None,
    now: datetime,
) -> None:
    await tx.execute(
        _SQL["put_claim"], resource.id, item, element, resource.provider_org, position, origin, basis, now
    )


async def element_of(tx: Connection, resource: ResourceId, item: str) -> tuple[UUID, str] | None:
    row = await tx.fetchrow(_SQL["element_of"], resource, item)
    return (row["id"], row["code"]) if row else None


async def clashes(tx: Connection, resource: ResourceId) -> list[Clash]:
    return [
        Clash(row["item"], row["element_id"], row["element"], row["lead_org"], tuple(row["others"]))
        for row in await tx.fetch(_SQL["clashes"], resource)
    ]


async def find(tx: Connection, element: UUID) -> Element | None:
    row = await tx.fetchrow(_SQL["find_element"], element)
    return (await _with_claims(tx, [row]))[0] if row else None


async def lock(tx: Connection, element: UUID) -> Element | None:
    await tx.fetchval(_SQL["lock_element"], element)
    return await find(tx, element)


async def listed(
    tx: Connection, standing: str | None, org: str | None, after: str | None, count: int
) -> list[Element]:
    return await _with_claims(tx, await tx.fetch(_SQL["list_elements"], standing, org, after, count))


async def name_lead(
    tx: Connection, element: UUID, org: str, because: str, login: str, now: datetime, written: Written
) -> None:
    await tx.execute(_SQL["name_lead"], element, org, because, login, now, written.event_id, written.digest)


async def _with_claims(tx: Connection, rows: Sequence[Row]) -> list[Element]:
    held: dict[UUID, list[Claim]] = {row["id"]: [] for row in rows}
    for claim in await tx.fetch(_SQL["claims_of"], list(held)):
        held[claim["element_id"]].append(_claim(claim))
    return [
        Element(
            row["id"], row["code"], Standing(row["standing"]), row["lead_org"], row["lead_because"],
            row["lead_named_by"], row["lead_named_at"], row["version"], tuple(held[row["id"]]),
        )
        for row in rows
    ]  # fmt: skip


def _claim(row: Row) -> Claim:
    return Claim(
        resource_id=ResourceId(row["resource_id"]),
        code=row["code"],
        resource=row["resource"],
        state=row["state"],
        item=row["item"],
        provider_org=OrgCode(row["provider_org"]),
        position=Position(row["position"]),
        origin=Origin(row["origin"]),
        basis=row["basis"],
        claimed_at=row["claimed_at"],
    )
