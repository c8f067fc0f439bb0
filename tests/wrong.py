"""Everything that can be wrong with one JSON body, made from a right one and the schema of its model."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.names import is_org_code

Place = tuple[str | int, ...]
SAMPLES: Final[dict[str, Any]] = {
    "string": "text", "integer": 7, "number": 1.5, "boolean": True, "array": ["a"], "object": {"a": 1}, "null": None,
}  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """A body as bytes, what is wrong with it, and where the refusal must point."""

    what: str
    pointer: str
    raw: bytes


class Walk:
    """The places of a right body, each with what its schema says."""

    def __init__(self, body: Any, schema: dict[str, Any]) -> None:
        self.body = body
        self.schema = schema

    def places(self) -> Iterator[tuple[Place, Any, list[dict[str, Any]]]]:
        """Every place below the root with its value and the schemas it may follow."""
        yield from self._below((), self.body, self._options(self.schema))

    def _below(self, place: Place, value: Any, options: list[dict[str, Any]]) -> Iterator[Any]:
        yield place, value, options
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from self._below((*place, name), inner, self._member(options, name, value))
        elif isinstance(value, list):
            item = [one for option in options if "items" in option for one in self._options(option["items"])]
            for at, inner in enumerate(value):
                yield from self._below((*place, at), inner, item)

    def _member(
        self, options: list[dict[str, Any]], name: str, whole: dict[str, Any]
    ) -> list[dict[str, Any]]:
        found = []
        for option in options:
            properties = option.get("properties", {})
            kind = properties.get("kind", {}).get("const")
            if kind is not None and kind != whole.get("kind"):
                continue
            keyed = [option.get("additionalProperties"), *option.get("patternProperties", {}).values()]
            for inner in [properties[name]] if name in properties else keyed:
                found += self._options(inner) if isinstance(inner, dict) else []
        return found

    def _options(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        if "$ref" in schema:
            return self._options(self.schema["$defs"][schema["$ref"].rpartition("/")[2]])
        for name in ("anyOf", "oneOf"):
            if name in schema:
                return [one for option in schema[name] for one in self._options(option)]
        return [schema]


def wrong_bodies(body: Any, schema: dict[str, Any]) -> Iterator[Wrong]:
    """Each way to spoil ``body`` in one place."""
    walk = Walk(body, schema)
    for place, value, options in walk.places():
        if (
            any("type" not in option and "enum" not in option and "const" not in option for option in options)
            or not options
        ):
            continue  # free JSON: its own validator is tried elsewhere
        if place:
            yield from _wrong_values(body, place, value, options)
        if isinstance(value, dict):
            yield from _wrong_members(body, place, value, options)


def _wrong_values(body: Any, place: Place, value: Any, options: list[dict[str, Any]]) -> Iterator[Wrong]:
    allowed = {option.get("type", "string") for option in options}
    for kind, sample in SAMPLES.items():
        if kind not in allowed and not (kind == "integer" and "number" in allowed):
            yield _changed(body, place, f"{kind} for {'/'.join(sorted(allowed))}", sample)
    if isinstance(value, str):
        longest = max(5000, *(option.get("maxLength", 0) for option in options))
        yield _changed(body, place, "too long", value + "x" * longest)
        if not any(option.get("default") == "" for option in options):
            yield _changed(body, place, "empty", "")
        yield _changed(body, place, "a NUL", value + "\0")
        yield _changed(body, place, "an escape", "\x1b[2J" + value)
        yield _changed(body, place, "a turn of direction", value + "\u202e")
        if is_org_code(value) and place[-1] in ("code", "org"):
            last = "1" if value[-1] != "1" else "2"
            yield _changed(body, place, "a wrong check digit", value[:-1] + last)
            yield _changed(body, place, "small letters", value.lower())
    if isinstance(value, int) and not isinstance(value, bool):
        least = min(option.get("minimum", 1) for option in options)
        for number in (-1, *((0,) if least > 0 else ()), 2**53, float(value)):
            yield _changed(body, place, f"the number {number}", number)
    if isinstance(value, list) and "array" in allowed:
        yield _changed(body, place, "too many", value[:1] * 1001 if value else ["a"] * 1001)


def _wrong_members(
    body: Any, place: Place, value: dict[str, Any], options: list[dict[str, Any]]
) -> Iterator[Wrong]:
    for name in value:
        if any(name in option.get("required", ()) for option in options):
            changed = copy.deepcopy(body)
            del _at(changed, place)[name]
            yield Wrong(f"without {name}", _pointer((*place, name)), _raw(changed))
        yield Wrong(f"{name} twice", "", _doubled(body, place, name))
    for name in (
        ("Not A Name", "a\0b", "x" * 120) if any("patternProperties" in option for option in options) else ()
    ):
        yield _changed(body, (*place, name), "a member of that name", next(iter(value.values())))
    if all(option.get("additionalProperties") is False for option in options):
        yield _changed(body, (*place, "undeclared"), "an undeclared member", 1)


def with_member(body: Any, name: str, value: Any) -> Wrong:
    """``body`` with a member its model does not have."""
    return _changed(body, (name,), f"{name} added", value)


def _changed(body: Any, place: Place, what: str, value: Any) -> Wrong:
    changed = copy.deepcopy(body)
    _at(changed, place[:-1])[place[-1]] = value
    return Wrong(f"{_pointer(place)}: {what}", _pointer(place), _raw(changed))


def _doubled(body: Any, place: Place, name: str) -> bytes:
    """The member twice with equal values: the mildest form, and still refused."""
    changed = copy.deepcopy(body)
    holder = _at(changed, place)
    holder["\u2603"] = holder[name]
    return _raw(changed).replace(json.dumps("\u2603").encode(), json.dumps(name).encode())


def _at(body: Any, place: Place) -> Any:
    for step in place:
        body = body[step]
    return body


def _pointer(place: Place) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in place)


def _raw(body: Any) -> bytes:
    return json.dumps(body).encode()
