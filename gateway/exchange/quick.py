"""Answers read at the price of what is wanted of them: as typed objects that hold the wanted members and nothing else.

A parser that keeps the last of two equal members would let a provider show one value to the gateway and another to
whoever reads its answer otherwise. This one makes no object of what is not wanted, so it counts names in the text: an
answer must hold the names the last strictly read one held, in their order, once for each record. Values of members that
nobody asked for are not judged.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from gateway.catalog.description import DataItem, DataType

_AROUND_MOST: Final = 30
_EXACT: Final = 2**53
_PLAIN: Final = re.compile(r"[^\"\\\x00-\x1f]{1,100}")
_DECIMAL: Final = r"\A-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,100})?\Z"
_TEXTS: Final = frozenset({DataType.TEXT, DataType.NOTE, DataType.DATE, DataType.DATETIME})
_NUMBERS: Final = frozenset({DataType.NUMBER, DataType.MONEY, DataType.DOUBLE, DataType.FLOAT})


def is_plain(names: Sequence[str]) -> bool:
    """Whether names of members differ and stand in JSON as they are, so that they can be counted."""
    return len(set(names)) == len(names) and all(_PLAIN.fullmatch(name) for name in names)


@dataclass(frozen=True, slots=True)
class Shape:
    """How an answer is built: the names of its members in their order, and what it opens beside its records.

    ``record`` are the names in one record, ``before`` and ``after`` those around all of them.
    """

    before: list[bytes]
    record: list[bytes]
    after: list[bytes]
    objects: int
    arrays: int


class Quick:
    """Reads flat records: objects whose values are all scalars, alone or in one list.

    Args:
        items: wanted, in the order to show.
        sources: the provider's names of them; :func:`is_plain` together with ``steps``.
        steps: the members that lead to the records.
        rows: most records in one answer.
    """

    def __init__(
        self, items: Sequence[DataItem], sources: Sequence[str], steps: Sequence[str], rows: int
    ) -> None:
        self._wanted = frozenset(name.encode() for name in sources)
        self._steps = [name.encode() for name in steps]
        names = [item.name for item in items]
        record = _struct(items, sources)
        self._renamed = None if names == list(sources) else _struct(items, names)
        answer: Any = Annotated[list[record], msgspec.Meta(max_length=rows)] | record  # type: ignore[valid-type]
        for name in reversed(steps):
            answer = msgspec.defstruct("Around", [("inner", answer)], rename={"inner": name}, gc=False)
        self._decode = msgspec.json.Decoder(answer).decode
        self._shape: Shape | None = None

    def read(self, body: bytes) -> list[Any] | None:
        """The records, the wanted members as attributes ``f0``, ``f1``, …; None where only a strict reading can tell."""
        shape = self._shape
        if shape is None or b"\\" in body:
            return None
        names, outside = _names(body)
        try:
            if not body.isascii():
                body.decode()
            found: Any = self._decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        for _ in self._steps:
            found = found.inner
        records: list[Any] = found if type(found) is list else [found]
        if (
            names != shape.before + shape.record * len(records) + shape.after
            or outside.count(b"{") != shape.objects + len(records)
            or outside.count(b"[") != shape.arrays + (records is found)
        ):
            return None
        return records

    def renamed(self, records: list[Any]) -> list[Any]:
        """The records under the names of the catalogue."""
        if self._renamed is None:
            return records
        return [self._renamed(*msgspec.structs.astuple(record)) for record in records]

    def learn(self, body: bytes, records: Sequence[Mapping[str, Any]], *, listed: bool) -> None:
        """Take the shape of an answer just read strictly, or none where it is not one to count names in.

        Args:
            listed: the records stand in a list.
        """
        if not records:
            return
        flat = not any(isinstance(value, dict | list) for one in records for value in one.values())
        self._shape = _shape(body, records, listed) if flat and b"\\" not in body else None
        if self._shape is not None and not self._countable(self._shape):
            self._shape = None

    def _countable(self, shape: Shape) -> bool:
        """Whether a wanted name or step stands nowhere else: then a second one of it always shows."""
        around = shape.before + shape.after
        return not self._wanted & set(around) and all(
            around.count(step) + shape.record.count(step) == 1 for step in self._steps
        )


def _shape(body: bytes, records: Sequence[Mapping[str, Any]], listed: bool) -> Shape | None:
    names, outside = _names(body)
    record = [name.encode() for name in records[0]]
    inside = record * len(records)
    objects, arrays = outside.count(b"{") - len(records), outside.count(b"[") - listed
    if len(names) - len(inside) > _AROUND_MOST or objects + arrays > _AROUND_MOST:
        return None
    for place in range(len(names) - len(inside) + 1):
        if names[place : place + len(inside)] == inside:
            return Shape(names[:place], record, names[place + len(inside) :], objects, arrays)
    return None


def _names(body: bytes) -> tuple[list[bytes], bytes]:
    """All names of members in a JSON text without backslashes, in their order; and the text outside of its strings.

    Without backslashes a quotation mark begins or ends a string, nothing else; what follows a name holds the colon, and
    what follows a string that is a value does not.
    """
    parts = body.split(b'"')
    outside = parts[0::2]
    names = [name for name, rest in zip(parts[1::2], outside[1:], strict=False) if b":" in rest]
    return names, b"".join(outside)


def _struct(items: Sequence[DataItem], names: Sequence[str]) -> Any:
    fields = [(f"f{place}", _kind(item)) for place, item in enumerate(items)]
    rename = {f"f{place}": name for place, name in enumerate(names)}
    return msgspec.defstruct("Record", fields, rename=rename, gc=False)


def _kind(item: DataItem) -> Any:
    """What the strict reading leaves as it is; values it turns into another form are left to it."""
    text: Any = Annotated[str, msgspec.Meta(max_length=item.length)]
    whole: Any = Annotated[int, msgspec.Meta(ge=-_EXACT, le=_EXACT)]
    if item.type in _TEXTS:
        return text | None
    if item.type is DataType.BOOLEAN:
        return bool | None
    if item.type is DataType.INTEGER:
        return whole | None
    if item.type in _NUMBERS:
        decimal: Any = Annotated[str, msgspec.Meta(max_length=item.length, pattern=_DECIMAL)]
        return whole | float | decimal | None
    return text | bool | whole | float | None
