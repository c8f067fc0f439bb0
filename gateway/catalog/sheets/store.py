"""Many rows of schema ``catalog`` at once."""

from collections.abc import Iterable, Sequence

from gateway.audit import Cause, Written
from gateway.catalog.description import Description
from gateway.catalog.model import State
from gateway.catalog.search import terms_of, wording_of
from gateway.catalog.sheets.model import Known
from gateway.catalog.store import TAKEN
from gateway.names import ResourceId
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.catalog.sheets")


async def known(
    tx: Connection, codes: Sequence[str], services: Sequence[str], org: str, names: Sequence[str]
) -> list[Known]:
    rows = await tx.fetch(_SQL["known"], codes, services, org, names)
    return [
        Known(
            ResourceId(row["id"]), row["code"], row["service"], row["provider_org"], row["name"], State(row["state"]),
            row["version"], row["description"], Cause(row["event_id"], row["event_digest"]),
        )
        for row in rows
    ]  # fmt: skip


async def lock(tx: Connection, codes: Sequence[str], org: str) -> None:
    await tx.fetch(_SQL["lock_entries"], codes, org)


def found_by(what: Description, org: str) -> tuple[list[str], str]:
    return terms_of(what, org), wording_of(what)


Added = tuple[ResourceId, Description, tuple[list[str], str], Written]
"""An entry to add or change, what it is found by, and its record."""


async def add_all(tx: Connection, org: str, login: str, added: Iterable[Added]) -> None:
    """Raises CodeTaken, ServiceNameTaken, NameTaken."""
    rows = [
        (new, what.code, what.service, org, what.name, what.sharing_class, what.model_dump(mode="json"), *words,
         login, written.event_id, written.digest)
        for new, what, words, written in added
    ]  # fmt: skip
    with TAKEN.guarded():
        await tx.executemany(_SQL["add_draft"], rows)


async def change_all(tx: Connection, changed: Iterable[Added]) -> None:
    """Raises ServiceNameTaken, NameTaken."""
    rows = [
        (one, what.service, what.name, what.sharing_class, what.model_dump(mode="json"), *words,
         written.event_id, written.digest)
        for one, what, words, written in changed
    ]  # fmt: skip
    with TAKEN.guarded():
        await tx.executemany(_SQL["change_draft"], rows)


async def count_rows(tx: Connection, seen_by: str, published: bool, provider: str | None) -> int:
    return int(await tx.fetchval(_SQL["count_rows"], seen_by, published, provider))


async def exported(tx: Connection, seen_by: str, published: bool, provider: str | None) -> list[str]:
    return [row["line"] for row in await tx.fetch(_SQL["exported"], seen_by, published, provider)]
