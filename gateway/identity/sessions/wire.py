"""JSON shapes of sessions."""

from datetime import datetime
from uuid import UUID

from gateway.identity.model import Person, Role
from gateway.identity.sessions.model import Session
from gateway.identity.sessions.service import Begun
from gateway.web import Model


class SessionShown(Model):
    """A session in force; ``current`` marks the one this request came with."""

    id: UUID
    method: str
    provider: str | None = None
    second_factor: bool
    address: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, current: UUID | None = None) -> "SessionShown":
        proof = session.proof
        return cls(
            id=session.id, method=proof.method, provider=proof.provider, second_factor=proof.second_factor,
            address=session.address, started_at=session.started_at, seen_at=session.seen_at,
            expires_at=session.expires_at, current=session.id == current,
        )  # fmt: skip


class SessionList(Model):
    """A person's sessions in force, newest first."""

    sessions: list[SessionShown]


class Myself(Model):
    """Who the bearer of the token is, with the roles held now."""

    login: str
    name: str
    org: str
    roles: list[Role]
    session: UUID | None = None

    @classmethod
    def of(cls, person: Person, session: UUID | None) -> "Myself":
        return cls(
            login=person.login, name=person.name, org=person.org, roles=sorted(person.roles), session=session
        )


class SessionBegun(Model):
    """A session; send ``token`` as ``Authorization: Bearer``. It is shown this once."""

    token: str
    token_type: str = "Bearer"
    session: UUID
    expires_at: datetime
    idle_seconds: int
    login: str
    name: str
    org: str
    roles: list[Role]
    device: str | None = None

    @classmethod
    def of(cls, begun: Begun, device: str | None = None) -> "SessionBegun":
        person = begun.person
        return cls(
            token=begun.token, session=begun.session.id, expires_at=begun.session.expires_at,
            idle_seconds=begun.idle_seconds, login=person.login, name=person.name, org=person.org,
            roles=sorted(person.roles), device=device,
        )  # fmt: skip


class SessionsEnded(Model):
    """How many sessions were ended."""

    ended: int
