"""Pages of lists by keyset: a cursor says where to go on, sealed for its caller, list and filters."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import orjson
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gateway.seals import Vault
from gateway.web.model import Model, Page

T = TypeVar("T")
S = TypeVar("S")


def count_of(given: object) -> object:
    """A number of a query string, for pydantic; it alone would also take ``+1`` and ``1.0``."""
    if isinstance(given, str) and not re.fullmatch(r"[0-9]{1,9}", given):
        raise PydanticCustomError("count", "must be a number without sign, blank or point")
    return given


class PageQuery(Model):
    """How much of a list, and from where."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(count_of)] = 50
    cursor: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[A-Za-z0-9_-]+$")] | None = None


class Pager:
    """Writes and reads cursors; AES-GCM binds each to its context, so none can be forged or lent."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def start(self, query: PageQuery, context: str) -> str | None:
        """The key to go on after, or None at the beginning.

        Raises:
            Invalid: not a cursor of this context.
        """
        return orjson.loads(self._vault.read_cursor(query.cursor, context)) if query.cursor else None

    def page(
        self,
        found: Sequence[T],
        query: PageQuery,
        context: str,
        key: Callable[[T], str],
        show: Callable[[T], S],
    ) -> Page[S]:
        """A page of ``found``, which holds one more than ``limit`` when there are more."""
        items = list(found[: query.limit])
        after = key(items[-1]) if len(found) > query.limit else None
        return self.page_before([show(item) for item in items], after, context)

    def page_before(self, shown: list[S], after: str | None, context: str) -> Page[S]:
        """A page whose end is known: ``after`` is the key to go on after, None on the last page."""
        cursor = self._vault.write_cursor(orjson.dumps(after), context) if after is not None else None
        return Page(items=shown, next_cursor=cursor)
