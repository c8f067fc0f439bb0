"""The second factor of the built-in directory: six digits that change every 30 seconds (TOTP, RFC 6238)."""

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

from gateway.seals import Vault

STEP_SECONDS: Final = 30
_WINDOW: Final = (0, -1, 1)
"""This step, the one before and the one after: telephones' clocks differ (RFC 6238 section 5.2)."""
_CODE: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226 section 4 R6)."""
    return pyotp.random_base32(32)


def address_of(secret: str, login: str, issuer: str) -> str:
    """The ``otpauth://`` address that authenticator programs read."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(code: str, secret: str, now: datetime, after: int) -> int | None:
    """The time step a code belongs to; None if it is of no step near ``now``, or of one not after ``after``.

    Used once (RFC 6238 section 5.2): the caller keeps the step and gives it as ``after`` the next time.
    """
    if not _CODE.fullmatch(code):
        return None
    otp, present, found = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS, None
    for offset in _WINDOW:
        step = present + offset
        if hmac.compare_digest(otp.generate_otp(step), code) and step > after:
            found = step
    return found


class Factors:
    """Secrets as they are kept: wrapped, and bound to the login they belong to."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def new(self, login: str) -> bytes:
        """A new secret for a person, wrapped."""
        return self._vault.wrap(new_secret().encode(), login)

    def opened(self, login: str, wrapped: bytes) -> str:
        """The secret of a person.

        Raises:
            WrongKey: it was wrapped for another, or under another master key.
        """
        return self._vault.unwrap(wrapped, login).decode()

    def step(self, login: str, wrapped: bytes, code: str, now: datetime, after: int) -> int | None:
        """See :func:`step_of`, for a wrapped secret."""
        return step_of(code, self.opened(login, wrapped), now, after)
