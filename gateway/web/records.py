"""Which records a request left: whoever writes one notes it here, and the answer names it in ``Audit-Id``.

By that id its receipt is had. A record of a transaction counts once the request succeeded, one that is durable by itself in
any case; of several the last is named, which is that of the act's ending.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

HEADER: Final = "Audit-Id"


class Noted:
    """The last records of one request: any, and the durable one."""

    def __init__(self) -> None:
        self.last: UUID | None = None
        self.durable: UUID | None = None

    def header(self, *, succeeded: bool) -> dict[str, str]:
        """``Audit-Id`` with the record, or nothing where none was left."""
        left = self.last if succeeded else self.durable
        return {HEADER: str(left)} if left else {}


_NOTED: ContextVar[Noted | None] = ContextVar("records of this request", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """What is noted inside the block, also by tasks begun in it."""
    noted = Noted()
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def note_record(event_id: UUID, *, durable: bool) -> None:
    """A record was written; ``durable`` if it is committed already, and not with the transaction of its act."""
    noted = _NOTED.get()
    if noted is not None:
        noted.last = event_id
        if durable:
            noted.durable = event_id
