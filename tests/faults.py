"""A connection, a database and a file that fail at one step: before the step is done, or after it, with its answer lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

_STEPS = ("execute", "executemany", "fetch", "fetchrow", "fetchval", "copy_to_table")


class Fault:
    """Fails once, at the step numbered ``at``; ``done`` says whether the step took place.

    ``steps`` counts what was tried, so a run with ``at`` out of reach tells how many there are.
    """

    def __init__(self, at: int, *, done: bool) -> None:
        self.at = at
        self.done = done
        self.steps = 0
        self.names: list[str] = []

    @property
    def struck(self) -> bool:
        return self.steps > self.at

    def before(self, name: str) -> bool:
        """Fail, or say whether to fail after the step."""
        number, self.steps = self.steps, self.steps + 1
        self.names.append(name)
        if number == self.at and not self.done:
            raise ConnectionResetError(f"step {number} ({name}) never reached the server")
        return number == self.at

    def after(self, name: str) -> None:
        raise ConnectionResetError(f"the answer to {name} was lost")


class Failing:
    """A connection whose statements and commits are the steps."""

    def __init__(self, real: asyncpg.Connection, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return self._step(name, found) if name in _STEPS else found

    def _step(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def step(*values: Any, **named: Any) -> Any:
            lost = self._fault.before(name)
            answer = await call(*values, **named)
            if lost:
                self._fault.after(name)
            return answer

        return step

    @asynccontextmanager
    async def transaction(self, **how: Any) -> AsyncIterator[None]:
        open_one = self._real.transaction(**how)
        await open_one.start()
        try:
            yield
            lost = self._fault.before("commit")
        except BaseException:
            await open_one.rollback()
            raise
        await open_one.commit()
        if lost:
            self._fault.after("commit")


class FailingDatabase:
    """A pool whose connections fail."""

    def __init__(self, real: Any, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        async with self._real.connection() as connection:
            yield Failing(connection, self._fault)
