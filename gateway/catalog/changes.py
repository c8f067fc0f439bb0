"""What a new description changes in the one before, field by field, and what of it narrows what callers have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.catalog.description import Description, SharingClass
from gateway.catalog.items import DataItem, Parameter
from gateway.catalog.value_lists import STRICTNESS, TokenBinding


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where (a JSON pointer; items and parameters by name), and the JSON value before and after.

    ``before`` is None for what was added, ``after`` for what was removed.
    """

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a caller had and loses: names of items and parameters, and whether every caller is concerned."""

    items: frozenset[str]
    parameters: frozenset[str]
    everyone: bool

    def __bool__(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.items or self.parameters or self.everyone)


def changes(before: Description, after: Description) -> list[Change]:
    """Every difference of two descriptions, in the order of their members."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    found: list[Change] = []
    for name in type(before).model_fields:
        if name in ("items", "parameters"):
            found += _of_named(name, old[name], new[name])
        elif old[name] != new[name]:
            found.append(Change(f"/{name}", old[name], new[name]))
    return found


def narrowing(before: Description, after: Description) -> Narrowing:
    """What of the new description takes from those who hold grants under the old one.

    An item that is gone (or renamed), no longer shared, or of another type; a parameter that is gone, of another kind,
    newly required, shorter, or with fewer choices; a stricter class, another mode, tokens that must be bound or consents
    that must be named from now on, which concern everyone.
    """
    items = {item.name for item in before.items if _item_narrowed(item, before, after)}
    parameters = set(_narrowed_parameters(before, after))
    stricter = STRICTNESS[after.sharing_class] > STRICTNESS[before.sharing_class]
    bound = (
        after.token_binding is TokenBinding.SENDER_CONSTRAINED
        and before.token_binding is not after.token_binding
    )
    consent = after.consent_required and not before.consent_required
    everyone = stricter or bound or consent or after.mode is not before.mode
    return Narrowing(frozenset(items), frozenset(parameters), everyone)


def _of_named(what: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    before, after = {one["name"]: one for one in old}, {one["name"]: one for one in new}
    for name, one in before.items():
        if name not in after:
            yield Change(f"/{what}/{name}", one, None)
        else:
            yield from _of_members(f"/{what}/{name}", one, after[name])
    for name, one in after.items():
        if name not in before:
            yield Change(f"/{what}/{name}", None, one)
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield Change(f"/{what}", list(before), list(after))


def _of_members(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in old.items():
        if new[name] != value:
            yield Change(f"{place}/{name}", value, new[name])


def _item_narrowed(item: DataItem, before: Description, after: Description) -> bool:
    if before.class_of(item) is SharingClass.NOT_SHARED:
        return False
    now = after.item(item.name)
    return now is None or after.class_of(now) is SharingClass.NOT_SHARED or now.type is not item.type


def _narrowed_parameters(before: Description, after: Description) -> Iterator[str]:
    now = {one.name: one for one in after.parameters}
    for old in before.parameters:
        new = now.pop(old.name, None)
        if new is None or _parameter_narrowed(old, new):
            yield old.name
    yield from (new.name for new in now.values() if new.required)


def _parameter_narrowed(old: Parameter, new: Parameter) -> bool:
    return (
        new.kind is not old.kind
        or (new.required and not old.required)
        or new.longest < old.longest
        or not set(old.choices or ()) <= set(new.choices or ())
    )
