"""How acts of the directory stand in the audit log."""

from typing import Any

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.identity.model import Person
from gateway.names import Login
from gateway.storage import Connection


async def record(
    log: AuditLog, tx: Connection, kind: EventType, actor: Who, login: Login, **detail: Any
) -> None:
    """An act on a person, inside its transaction."""
    await log.emit(tx, Event(kind, Outcome.DONE, actor, object_kind="person", object_id=login, detail=detail))


def refusal(actor: Who, reason: str, login: str | None, what: str = "") -> Event:
    """A refused attempt; ``login`` only where it is one: people type passwords there."""
    detail = {"what": what} if what else {}
    return Event(
        EventType.SIGN_IN_REFUSED, Outcome.DENY, actor, reason=reason, object_kind="person", object_id=login or "",
        detail=detail,
    )  # fmt: skip


def nobody(address: str) -> Who:
    """Somebody not identified."""
    return Who("anonymous", address=address)


def oneself(person: Person, address: str) -> Who:
    """A person who acts without a session yet."""
    return Who("person", person.login, person.org, address=address)
