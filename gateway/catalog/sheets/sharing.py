"""共享类型 with its condition or basis stands on every row of the form: one row may differ from the next.

A description says it once for the entry, and again for an item only where that differs (Decree 809 Art. 13: sharing
attributes may be those of a single item).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.catalog.description import strictest_offered
from gateway.catalog.value_lists import SharingClass

SHARING_KEYS: Final = ("sharing", "conditions", "basis", "reason")
"""The columns that are read together, row by row."""

Said = Mapping[str, Any]
"""Values of :data:`SHARING_KEYS` on one row."""


def settled(rows: Sequence[Said]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the entry says, and what each item says where it differs; the entry's class is the strictest on offer."""
    kind = strictest_offered(row["sharing"] for row in rows) or SharingClass.NOT_SHARED
    first = _members(next(row for row in rows if row["sharing"] is kind))
    items = []
    for row in rows:
        own = _members(row)
        items.append({} if own == first else own)
    return first, items


def _members(row: Said) -> dict[str, Any]:
    """One row as members of a description: 共享条件 holds conditions, nothing, or the citation of the law."""
    made: dict[str, Any] = {"sharing_class": row["sharing"]}
    if row["sharing"] is SharingClass.CONDITIONAL:
        made["conditions"] = row["conditions"]
    elif row["sharing"] is SharingClass.NOT_SHARED:
        made["not_shared_basis"] = {
            "kind": row["basis"],
            "citation": row["conditions"],
            "reason": row["reason"],
        }
    return made


def members_of(described: Said, item: Said) -> dict[str, Any]:
    """The way back: what a row of the form says of an item, own or inherited, as members of a description."""
    own = item if item.get("sharing_class") else described
    basis = own.get("not_shared_basis") or {}
    unconditional = own["sharing_class"] == SharingClass.UNCONDITIONAL
    conditions = own.get("conditions") or (
        described.get("conditions") if own["sharing_class"] == "conditional" else None
    )
    return {
        "sharing_class": own["sharing_class"],
        "conditions": "无条件" if unconditional else conditions or basis.get("citation"),
        "not_shared_basis": basis,
    }
