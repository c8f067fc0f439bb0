"""Counting attempts before they are looked at, and holding back who failed too often.

A stranger can make the delay on a login long, never endless; a person on a machine known as theirs is counted apart.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from gateway.errors import TooMany
from gateway.identity.directory import store
from gateway.identity.directory.model import FORGET_AFTER, Counter, delay, is_within, network_of
from gateway.seals import Vault
from gateway.seals.vault import WrongKey
from gateway.settings import Identity as Limits
from gateway.storage import Connection, Database

SIGN_IN: Final = "login"
"""What attempts to sign in with a password are counted under."""

_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
"""Where there is no delay: the clocks of two processes may differ, so the present would be the future to one of them."""

_DEVICE_LIFE: Final = timedelta(days=180)


class SignInHeld(TooMany):
    """Too many attempts failed; wait before the next（失败次数过多，请稍后再试）."""

    remedy = (
        "Wait for the time in Retry-After. Who forgot the password asks a security administrator for a new code.",
        "请在 Retry-After 所示时间之后重试；忘记密码请联系安全管理员重新签发邀请码。",
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt under way: what is cleared and what is only taken back when it succeeds."""

    own: tuple[str, ...]
    shared: tuple[str, ...]


class Attempts:
    """Counts attempts in the database, shared by all processes.

    Args:
        vault: seals the marks of known machines.
    """

    def __init__(self, database: Database, vault: Vault, limits: Limits, now: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._limits = limits
        self._now = now

    async def begin(
        self, kind: str, login: str | None, address: str | None = None, device: str | None = None
    ) -> Attempt:
        """Count an attempt, by login and by address as given.

        Args:
            kind: what is tried; each kind is counted apart.
            device: the mark of a machine, if sent; one that is not of this login counts as none.

        Raises:
            SignInHeld: the delay of an earlier failure is not over; this one is not counted.
        """
        own, shared = self._counters(kind, login, address, device)
        async with self._database.transaction() as tx:
            await store.forget_attempts(tx, self._now() - FORGET_AFTER)
            for counter in sorted((*own, *shared), key=lambda one: one.name):
                await self._count(tx, counter)
        return Attempt(tuple(one.name for one in own), tuple(one.name for one in shared))

    async def succeeded(self, tx: Connection, attempt: Attempt) -> None:
        """Forget the failures of who got in."""
        await store.clear_attempts(tx, attempt.own)
        for name in attempt.shared:
            await store.uncount_attempt(tx, name)

    async def forget(self, tx: Connection, kind: str, login: str) -> None:
        """Forget the failures of strangers on a login."""
        await store.clear_attempts(tx, [f"{kind} {login}"])

    def mark(self, login: str) -> str:
        """The mark a machine gets when its person signed in."""
        made = int(self._now().timestamp()).to_bytes(8, "big") + os.urandom(16)
        return base64.urlsafe_b64encode(self._vault.wrap(made, login)).decode().rstrip("=")

    def _counters(
        self, kind: str, login: str | None, address: str | None, device: str | None
    ) -> tuple[list[Counter], list[Counter]]:
        free = self._limits.sign_in_free_max
        if login is not None and device is not None and (known := self._known(login, device)):
            return [Counter(f"{kind} {login} {known}", free)], []
        own = [Counter(f"{kind} {login}", free)] if login is not None else []
        if address is None or is_within(address, self._limits.proxy_networks):
            return own, []
        return own, [Counter(f"address {network_of(address)}", self._limits.address_free_max)]

    def _known(self, login: str, device: str) -> str | None:
        """What a mark of this login is counted as: of its bytes, as one text may be written in several ways."""
        try:
            sealed = base64.urlsafe_b64decode(device + "=" * (-len(device) % 4))
            made = self._vault.unwrap(sealed, login)
        except (WrongKey, ValueError):
            return None
        if int.from_bytes(made[:8], "big") < (self._now() - _DEVICE_LIFE).timestamp():
            return None
        return hashlib.sha256(sealed).hexdigest()

    async def _count(self, tx: Connection, counter: Counter) -> None:
        failures, last_at, free_at = await store.lock_counter(tx, counter.name, self._now(), _LONG_AGO)
        now = self._now()  # read under the lock: who waited for it must not seem to come too early
        if free_at > now:
            seconds = ceil((free_at - now).total_seconds())
            raise SignInHeld(
                f"try again in {seconds} s", f"请在 {seconds} 秒后重试", retry_after_seconds=seconds
            )
        failures = 1 if now - last_at > FORGET_AFTER else failures + 1
        wait = delay(failures, counter.free, self._limits.sign_in_delay_max_seconds)
        free_at = now + wait if wait else _LONG_AGO
        await store.count_attempt(tx, counter.name, failures, now, free_at)
