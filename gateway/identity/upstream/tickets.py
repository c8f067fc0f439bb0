"""Sealed tickets: what must be remembered of a sign-in under way is kept by who began it, not by the gateway.

So that beginning a sign-in, which anybody may, stores nothing.
"""

import base64
import secrets
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

import orjson

from gateway.errors import Unauthenticated
from gateway.seals import Vault
from gateway.seals.vault import WrongKey

BEGUN_SECONDS: Final = 600
PROVED_SECONDS: Final = 300


class TicketRefused(Unauthenticated):
    """The sign-in under way is not this one, is over or was used（登录流程已失效或不符）."""

    remedy = ("Begin again: POST /v1/sign-in/begin.", "请重新发起登录：POST /v1/sign-in/begin。")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for the provider's answer; ``until`` in Unix seconds."""

    provider: str
    state: str
    nonce: str
    verifier: str
    began: int
    until: int

    @classmethod
    def new(cls, provider: str, now: int) -> "Begun":
        """With fresh random state, nonce (OpenID Connect Core 3.1.2.1) and code verifier (RFC 7636 section 4.1)."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(provider, state, nonce, verifier, now, now + BEGUN_SECONDS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person a provider vouched for with one factor, who has to show the own second."""

    provider: str
    login: str
    until: int


class Tickets:
    """Seals and opens them (AES-GCM); one kind never opens as the other."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, what: Begun | Waiting) -> str:
        """The ticket as text."""
        sealed = self._vault.wrap(orjson.dumps(asdict(what)), type(what).__name__)
        return _text(sealed)

    def open_begun(self, ticket: str, now: int) -> Begun:
        """Raises TicketRefused: not ours, or its time is over."""
        return _in_time(Begun(**self._opened(ticket, Begun.__name__)), now)

    def open_waiting(self, ticket: str, now: int) -> Waiting:
        """Raises TicketRefused: not ours, or its time is over."""
        return _in_time(Waiting(**self._opened(ticket, Waiting.__name__)), now)

    def _opened(self, ticket: str, kind: str) -> dict[str, Any]:
        try:
            sealed = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
            if _text(sealed) != ticket:
                raise ValueError("another writing of the same ticket would be taken for an unused one")
            found: dict[str, Any] = orjson.loads(self._vault.unwrap(sealed, kind))
        except (WrongKey, ValueError):
            raise TicketRefused("this is no ticket of this step", "不是本步骤的登录凭条") from None
        return found


_Ticket = TypeVar("_Ticket", Begun, Waiting)


def _in_time(ticket: _Ticket, now: int) -> _Ticket:
    if ticket.until <= now:
        raise TicketRefused("the sign-in took too long", "登录超时")
    return ticket


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
