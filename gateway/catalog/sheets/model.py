"""What a sheet would do to the catalogue: entries to draft, to change, to leave; and the report of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.audit import Cause
from gateway.catalog.description import Description
from gateway.catalog.model import State
from gateway.errors import Invalid
from gateway.names import ResourceId
from gateway.web.reading import validated
from gateway.workbooks import CellFault

STATES_ZH: Final = {
    State.DRAFT: "草稿",
    State.REVIEW: "待审核",
    State.PUBLISHED: "已发布",
    State.WITHDRAWN: "已撤销",
}


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the catalogue as an import meets it; ``said`` is its description as JSON."""

    id: ResourceId
    code: str
    service: str
    provider_org: str
    name: str
    state: State
    version: int
    said: Mapping[str, Any]
    cause: Cause


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole entry of a sheet: its place, what the sheet says, and which parts of a description the sheet covers."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    covers: Sequence[str]
    carried: Mapping[str, Any]

    def over(self, known: Known | None) -> Description:
        """The description after the import: what the sheet covers is replaced, what it cannot carry stays.

        Raises:
            Invalid: the two do not go together.
        """
        kept: dict[str, Any] = {}
        items: Sequence[Mapping[str, Any]] = ()
        if known is not None:
            heads = {place.partition(".")[0] for place in self.covers}
            kept = {name: value for name, value in known.said.items() if name not in heads}
            items = known.said["items"]
        made = {**kept, **self.carried, "items": self._items(items)}
        return validated(Description, made, strict=False)

    def _items(self, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        covered = {place.removeprefix("items.") for place in self.covers if place.startswith("items.")}
        old = {item["name"]: item for item in before}
        found = []
        for item in named(self.carried["items"], before):
            kept = {name: value for name, value in old.get(item["name"], {}).items() if name not in covered}
            found.append({**kept, **item})
        return found


def named(items: Sequence[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items, each with a name: its own, that of the item of the same title before, or a number."""
    by_title = {item["title"]: item["name"] for item in before}
    taken = {item["name"] for item in items if item.get("name")} | set(by_title.values())
    found, number = [], 0
    for item in items:
        name = item.get("name") or by_title.get(item["title"])
        while name is None:
            number += 1
            name = f"item_{number}" if f"item_{number}" not in taken else None
        found.append({**item, "name": name})
    return found


@dataclass
class Plan:
    """What an import will do: new descriptions, changed ones with the entry before, how many stay, and faults."""

    drafts: list[Description] = field(default_factory=list)
    changes: list[tuple[Known, Description]] = field(default_factory=list)
    unchanged: int = 0
    faults: list[tuple[Entry, str, str, dict[str, Any]]] = field(default_factory=list)
    """Entry, key of the column, code of the fault, details."""


def plan(entries: Iterable[Entry], known: Iterable[Known], own: str) -> Plan:
    """Compare a sheet with the catalogue. Pure; takes seconds for tens of thousands of entries."""
    found = list(known)
    codes = {one.code: one for one in found}
    services = {one.service: one for one in found}
    names = {one.name: one for one in found if one.provider_org == own}
    made = Plan()
    for entry in entries:
        before = codes.get(str(entry.carried["code"]))
        if before is not None and before.provider_org != own:
            made.faults.append((entry, "code", "code-taken", {"value": before.code}))
            continue
        _plan_one(made, entry, before, names, services)
    return made


def _plan_one(
    made: Plan, entry: Entry, before: Known | None, names: Mapping[str, Known], services: Mapping[str, Known]
) -> None:
    try:
        after = entry.over(before)
    except Invalid as refused:
        fault = refused.faults[0]
        made.faults.append((entry, "code", "not-accepted", {"en": fault.detail, "zh": fault.detail_zh}))
        return
    mine = before.id if before else None
    clash = False
    if (other := names.get(after.name)) is not None and other.id != mine:
        made.faults.append((entry, "name", "name-taken", {"code": other.code}))
        clash = True
    if (other := services.get(after.service)) is not None and other.id != mine:
        made.faults.append((entry, "service", "service-taken", {"value": after.service}))
        clash = True
    if clash:
        return
    if before is None:
        made.drafts.append(after)
    elif after == Description.model_validate(before.said):
        made.unchanged += 1
    elif before.state is not State.DRAFT:
        details = {"value": before.code, "state": before.state, "state_zh": STATES_ZH[before.state]}
        made.faults.append((entry, "code", "not-draft", details))
    else:
        made.changes.append((before, after))


@dataclass(frozen=True, slots=True)
class Report:
    """What a sheet holds and what was, or would be, done with it.

    ``faults`` may be cut at the limit of the settings, ``faults_total`` counts all; ``left_out`` are entries with faults.
    """

    sha256: str
    rows: int
    entries: int
    faults: tuple[CellFault, ...]
    faults_total: int
    left_out: int
    drafted: int
    changed: int
    unchanged: int
    stored: bool
