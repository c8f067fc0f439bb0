"""JSON shapes of revocations and of the gateway's own keys."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.identity.store import SigningKey
from gateway.web import Model


class SignedOut(Model):
    """Tokens of the system issued until this instant are refused."""

    client: str
    issued_until: datetime

    @classmethod
    def of(cls, client: str, until: int) -> "SignedOut":
        return cls(client=client, issued_until=datetime.fromtimestamp(until, UTC))


class TokenRevokedShown(Model):
    """The token is refused."""

    token_id: UUID


class KeyNotice(Model):
    """How long the next key is published before it signs; at least what caches of the key set need."""

    notice_seconds: Annotated[int, Field(ge=0, le=31536000)] | None = None


class SigningKeyShown(Model):
    """A signing key of the gateway: ``state`` is current, announced or retired (still verifying)."""

    kid: str
    state: str
    active_from: datetime
    retired_at: datetime | None = None

    @classmethod
    def of(cls, key: SigningKey) -> "SigningKeyShown":
        state = "current" if key.is_current else "retired" if key.retired_at else "announced"
        return cls(kid=key.kid, state=state, active_from=key.active_from, retired_at=key.retired_at)


class SigningKeys(Model):
    """The current key, then the announced, then older ones."""

    keys: list[SigningKeyShown]


class KeyRevokedShown(Model):
    """The key struck off, and the one that took over if it was the current one."""

    kid: str
    successor: str | None = None
