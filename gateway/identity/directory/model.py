"""Rules on passwords, one-time codes and attempts: pure functions on plain values."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from gateway.errors import FieldFault
from gateway.identity.model import Person
from gateway.identity.sessions.model import needs_second_factor

SHORTEST: Final = 12
LONGEST: Final = 128
FREE_OF_KINDS: Final = 20
"""From this length on a password need not mix kinds of characters."""

FORGET_AFTER: Final = timedelta(hours=1)
"""Attempts are forgotten when none was made for so long."""

_CODE_SIGNS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE: Final = re.compile(f"[{_CODE_SIGNS}]{{20}}")
_KINDS: Final = ("[a-z]", "[A-Z]", "[0-9]", r"[^a-zA-Z0-9]")
_COMMON: Final = ("password", "qwertyuiop", "administrator", "1234567890", "abcdefgh", "zhengwu", "gongxiang")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person signs in with; ``person`` as they stand now.

    ``factor_step`` is the last 30-second step whose code was used.
    """

    person: Person
    password_hash: str | None
    factor_wrapped: bytes | None
    factor_step: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation; ``factor_wrapped`` is the secret of the second factor it offers."""

    person: Person
    factor_wrapped: bytes
    renews_factor: bool
    expires_at: datetime
    holds_factor: bool
    """Whether the person has a second factor already."""

    @property
    def keeps_factor(self) -> bool:
        """Whether the person proves the second factor held already instead of getting a new one."""
        return self.holds_factor and not self.renews_factor

    @property
    def asks_for_factor(self) -> bool:
        """Whether it cannot be accepted without the six digits: who decides needs them, who holds one keeps to it."""
        return self.holds_factor or needs_second_factor(self.person.roles)


@dataclass(frozen=True, slots=True)
class Counter:
    """What attempts are counted under, and how many may fail before each costs a delay."""

    name: str
    free: int


def plain_password(text: str) -> str:
    """The form that is hashed: NFC, so that the same word typed on another keyboard is the same password."""
    return unicodedata.normalize("NFC", text)


def password_faults(password: str, person: Person, pointer: str = "/password") -> list[FieldFault]:
    """Why a password may not be set; empty if it may.

    Length and mixture: GB/T 22239-2019 8.1.4.1 a) asks for complexity; NIST SP 800-63B 3.1.1.2 for length and a list of
    common ones.
    """
    faults = []
    if not SHORTEST <= len(password) <= LONGEST:
        faults.append(
            FieldFault(
                pointer,
                f"must have {SHORTEST} to {LONGEST} characters",
                f"须为 {SHORTEST} 至 {LONGEST} 个字符",
            )
        )
    kinds = sum(re.search(kind, password) is not None for kind in _KINDS)
    if kinds < 3 and len(password) < FREE_OF_KINDS:
        faults.append(FieldFault(
            pointer, f"must mix three of lower case, upper case, digits and signs, or have {FREE_OF_KINDS} characters",
            f"须含小写、大写、数字、符号中的三种，或不少于 {FREE_OF_KINDS} 个字符",
        ))  # fmt: skip
    if len(set(password)) < 6 or _is_easy(password.lower(), person):
        faults.append(FieldFault(
            pointer, "is too easy to guess: no login, no name, no common word, six different characters at least",
            "过于简单：不得含登录名、姓名或常见词，且至少有六个不同字符",
        ))  # fmt: skip
    return faults


def _is_easy(lowered: str, person: Person) -> bool:
    words = (*_COMMON, person.login, person.name.lower())
    return any(len(word) >= 2 and word in lowered for word in words)


def new_code() -> str:
    """A one-time code: 20 signs that cannot be taken for one another, about 99 random bits."""
    signs = "".join(secrets.choice(_CODE_SIGNS) for _ in range(20))
    return "-".join(signs[at : at + 5] for at in range(0, 20, 5))


def read_code(typed: str) -> str | None:
    """A code as it is compared, however it was typed; None if it cannot be one."""
    signs = re.sub(r"[\s-]", "", typed).upper()
    return signs if _CODE.fullmatch(signs) else None


def delay(failures: int, free: int, longest_seconds: int) -> timedelta:
    """How long after so many failed attempts the next is refused: nothing, then 2, 4, 8 … seconds up to the longest.

    Never for ever: whoever guesses on, the person gets in after the longest delay (ASVS 5.0 6.3.1).
    """
    beyond = failures - free
    return timedelta(seconds=min(longest_seconds, 2 ** min(beyond, 30)) if beyond > 0 else 0)


def network_of(address: str) -> str:
    """What an address is counted as: itself, or its /64 where one party has so many (RFC 6177)."""
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks; an unknown one counts as outside."""
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return False
    return any(found in ip_network(network) for network in networks)
