"""argon2id (RFC 9106) off the event loop, few at once: checking passwords must not be a way to burn the host."""

import asyncio
import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Unavailable
from gateway.settings import Identity as Limits

_LANES: Final = 1
"""One thread per password: how many are checked at once is bounded by whole passwords."""
_PASSES: Final = 3
"""Over the memory of the settings (RFC 9106 section 4, second recommended option)."""
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32

_T = TypeVar("_T")


class SignInBusy(Unavailable):
    """Too many people sign in at this moment（当前登录人数过多）."""


class Hasher:
    """Makes and checks hashes; use :meth:`close` at the end."""

    def __init__(self, limits: Limits) -> None:
        memory_kib = limits.password_memory_bytes // 1024
        self._argon2 = PasswordHasher(_PASSES, memory_kib, _LANES, _HASH_BYTES, _SALT_BYTES, type=Type.ID)
        self._nobody = _unmatchable(memory_kib, _PASSES)
        self._threads = ThreadPoolExecutor(limits.hashes_at_once_max, "argon2")
        self._most = limits.hashes_at_once_max + limits.hashes_waiting_max
        self._asked = 0

    async def hash(self, password: str) -> str:
        """The password's hash with parameters and salt, as text.

        Raises:
            SignInBusy: too many wait already.
        """
        return await self._in_turn(lambda: self._argon2.hash(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one hashed; where none is kept the same work is done, in vain.

        Raises:
            SignInBusy: too many wait already.
        """
        return await self._in_turn(lambda: self._matches(kept or self._nobody, password)) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._argon2.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads when their present work is done."""
        self._threads.shutdown(cancel_futures=True)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._argon2.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        if self._asked >= self._most:
            raise SignInBusy("too many passwords wait to be checked", "等待校验的登录请求过多")
        self._asked += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1


def _unmatchable(memory_kib: int, passes: int) -> str:
    """A hash no password has, of today's parameters; made without computing one."""
    salt, found = (
        base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES)
    )
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={_LANES}${salt}${found}"
