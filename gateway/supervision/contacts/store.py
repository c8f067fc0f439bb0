"""Rows of ``supervision.contact`` as values; constraint names as refusals."""

from gateway.identity.service import NoSuchOrg
from gateway.names import OrgCode
from gateway.storage import Connection, Queries, Row, Writes
from gateway.supervision.contacts.model import Contact
from gateway.supervision.ladder import Desk

_SQL = Queries("gateway.supervision.contacts")
_WRITES = Writes({"a_contact_has_a_department": NoSuchOrg("no such department", "没有该部门")})


async def contacts_of(tx: Connection, org: str) -> list[Contact]:
    return [_contact(row) for row in await tx.fetch(_SQL["contacts_of"], org)]


async def contact_at(tx: Connection, org: str, desk: Desk) -> Contact | None:
    row = await tx.fetchrow(_SQL["contact_at"], org, desk)
    return _contact(row) if row else None


async def set_contact(tx: Connection, one: Contact) -> None:
    """Raises NoSuchOrg."""
    with _WRITES.guarded():
        await tx.execute(_SQL["set_contact"], one.org, one.desk, one.name, one.email, one.webhook, one.set_at)


def _contact(row: Row) -> Contact:
    return Contact(
        OrgCode(row["org"]), Desk(row["desk"]), row["name"], row["email"], row["webhook"], row["set_at"]
    )
