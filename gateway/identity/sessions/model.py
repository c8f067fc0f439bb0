"""A session as a plain value; who needs a second factor; the form of a session token."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.identity.model import SEPARATED, Role
from gateway.names import Login
from gateway.web import Principal

DECIDING: Final = SEPARATED | {Role.PROVIDER}
"""Roles whose holders decide for a department or for the platform."""

_TOKEN: Final = re.compile(r"gxs_[A-Za-z0-9_-]{43}")
_HOW: Final = "session "


def needs_second_factor(roles: Iterable[Role]) -> bool:
    """Whether who holds ``roles`` decides, and so proves two factors (GB/T 22239-2019 8.1.4.1; ASVS 5.0 6.3.3)."""
    return not DECIDING.isdisjoint(roles)


class Method(StrEnum):
    """How a person proved themselves."""

    PASSWORD = "password"
    """A password of the built-in directory."""
    PROVIDER = "provider"
    """An upstream identity provider (上级身份认证平台)."""


class Because(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    BY_PERSON = "ended_by_person"
    BY_ADMINISTRATOR = "ended_by_administrator"
    DISABLED = "person_disabled"
    ROLES_CHANGED = "roles_changed"
    PASSWORD_SET = "password_set"
    ACCOUNT_UNLINKED = "account_unlinked"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person showed at sign-in: the method, the provider's name where one vouched, whether two factors."""

    method: Method
    second_factor: bool
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A person's session; instants in UTC, ``expires_at`` is the absolute limit."""

    id: UUID
    login: Login
    proof: Proof
    address: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """The person behind a session token, as they stand now."""

    session: Session
    org: str
    roles: frozenset[Role]
    active: bool


def new_token() -> str:
    """A session token: 256 random bits (ASVS 5.0 7.2.3), with a prefix by which it is known in logs and leaks."""
    return f"gxs_{secrets.token_urlsafe(32)}"


def is_session_token(text: str) -> bool:
    """Whether a bearer token has the form of a session token."""
    return _TOKEN.fullmatch(text) is not None


def digest(token: str) -> bytes:
    """What the database keeps of a secret of full entropy: its SHA-256 (32 bytes)."""
    return hashlib.sha256(token.encode()).digest()


def proved_by(session: UUID) -> str:
    """How a principal says that a session proved it."""
    return f"{_HOW}{session}"


def session_of(principal: Principal) -> UUID | None:
    """The session a request came with; None if another token proved it."""
    return UUID(principal.how.removeprefix(_HOW)) if principal.how.startswith(_HOW) else None
