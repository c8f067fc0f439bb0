"""Searches as statements."""

from typing import Any, Final

from gateway.catalog.finding.model import FACETS, Facet, Facets, Search, Sight
from gateway.catalog.model import Resource
from gateway.catalog.search import mark, terms, wording
from gateway.catalog.store import resource_of
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.catalog.finding")
_LOOKED_AT: Final = 300
_FREQUENT: Final = 6
"""Of so many entries looked at first, so many with the word promise that a few thousand more will fill a page."""
_MOST_BROWSED: Final = 100_000
_MOST_FOUND: Final = 20_000
_MOST_VALUES: Final = 200


async def search(
    connection: Connection, search: Search, sight: Sight, after: str | None, count: int
) -> list[Resource]:
    """The next ``count`` entries by code, after the one with the code ``after``."""
    wanted, begin = _wanted(search, sight), after or ""
    looked_at = max(_LOOKED_AT, count)
    near = await connection.fetchrow(_SQL["probe"], *wanted, begin, looked_at)
    found = near["found"] or []
    if len(found) < count and near["looked_at"] == looked_at and len(found) >= _FREQUENT:
        looked_at = looked_at * count * 3 // (len(found) * 2)
        near = await connection.fetchrow(_SQL["probe"], *wanted, begin, looked_at)
        found = near["found"] or []
    if len(found) < count and near["looked_at"] == looked_at:
        found = [row["id"] for row in await connection.fetch(_SQL["search"], *wanted, begin, count)]
    rows = await connection.fetch(_SQL["page"], found[:count])
    return [resource_of(row) for row in rows]


async def count(connection: Connection, search: Search, sight: Sight) -> Facets:
    """How many of the entries a search finds have each value."""
    wanted = _wanted(search, sight)
    if wanted[0] or wanted[1]:
        return _facets(await connection.fetch(_SQL["count_found"], *wanted, _MOST_FOUND + 1), _MOST_FOUND)
    return _facets(
        await connection.fetch(_SQL["count_browsed"], *wanted[2:], _MOST_BROWSED + 1), _MOST_BROWSED
    )


def _facets(rows: list[Row], most: int) -> Facets:
    masks = {(1 << len(FACETS)) - 1 - (1 << (len(FACETS) - 1 - at)): name for at, name in enumerate(FACETS)}
    by: dict[str, list[Facet]] = {name: [] for name in FACETS}
    total = 0
    for row in rows:
        name = masks.get(row["mask"])
        if name is None:
            total = row["count"]
        elif row["value"] is not None and len(by[name]) < _MOST_VALUES:
            title = row["title"] if name == "provider_org" else None
            by[name].append(Facet(row["value"], min(row["count"], most), title))
    return Facets(min(total, most), total <= most, by)


def _wanted(search: Search, sight: Sight) -> tuple[Any, ...]:
    pairs, likes = _looked_up(search.plain_words())
    marks = [mark(name, value) for name, value in search.filters().items()]
    return pairs + marks, likes, *search.codes(), sight.org, sight.all


def _looked_up(words: list[str]) -> tuple[list[str], list[str]]:
    """Pairs of signs for the index, and patterns that say the pairs stand side by side."""
    folded = [wording(word) for word in words]
    pairs = sorted({pair for word in folded for pair in terms(word)})
    return pairs, [
        "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for word in folded
    ]
