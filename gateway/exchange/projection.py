"""An answer as it may leave, written anew: granted fields only, each of its type, masked where the grant says so.

Two ways lead to the same bytes. The strict one parses the whole answer and looks at every value; it judges whatever is
unusual, and it alone refuses. The quick one (``quick``) serves answers built like the last one that the strict way took,
and leaves to the strict way whatever it cannot vouch for.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from gateway.catalog import HttpMount, Resource
from gateway.catalog.masking import masker
from gateway.errors import Malformed
from gateway.exchange.project import project
from gateway.exchange.quick import Quick, is_plain
from gateway.web.outbound import UpstreamInvalid
from gateway.web.reading import parse_json

_DEPTH: Final = 32
_MOST_KEPT: Final = 20000
_encode: Final = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Shown:
    """Records as they leave: a JSON array in UTF-8, and how many records it holds."""

    records: bytes
    count: int


class Projection:
    """What leaves of a resource's answers under one choice of fields.

    Args:
        fields: granted and wanted names, in the order to show.
        masked: those of them that leave masked only.
        rows: most records in one answer.
    """

    def __init__(self, resource: Resource, fields: Sequence[str], masked: Sequence[str], rows: int) -> None:
        self._what = resource.description
        self._fields = tuple(fields)
        self._rows = rows
        mount = resource.mount
        self._sources: Mapping[str, str] = dict(mount.sources) if mount else {}
        self._steps = steps_of(mount.records_at) if isinstance(mount, HttpMount) else ()
        items = [item for name in self._fields if (item := self._what.item(name)) is not None]
        self._masks = [
            (f"f{place}", item.name, masker(item)) for place, item in enumerate(items) if item.name in masked
        ]
        sources = [self._sources.get(item.name, item.name) for item in items]
        self._quick = Quick(items, sources, self._steps, rows) if is_plain([*sources, *self._steps]) else None

    def of_answer(self, body: bytes) -> Shown:
        """Of the body of an HTTP service's answer.

        Raises:
            UpstreamInvalid, UpstreamTooLarge: as :func:`parsed`, :func:`at`, :func:`records_of` and ``project`` say.
        """
        quick = self._quick
        if quick is not None and (found := quick.read(body)) is not None:
            for attribute, _, mask in self._masks:
                for record in found:
                    setattr(record, attribute, mask(getattr(record, attribute)))
            return Shown(_encode(quick.renamed(found)), len(found))
        value = at(parsed(body), self._steps)
        records = records_of(value)
        shown = self.of_records(records)
        if quick is not None:
            quick.learn(body, records, listed=records is value)
        return shown

    def of_records(self, records: Sequence[Mapping[str, Any]]) -> Shown:
        """Of records as a connector gives them. Raises as ``project`` does."""
        return self.written(project(records, self._fields, self._what, self._sources, self._rows))

    def page_of(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Of one page of a long answer: chosen, checked and masked. Raises as ``project`` does, however many they are."""
        chosen = project(records, self._fields, self._what, self._sources, len(records))
        self._mask(chosen)
        return chosen

    def _mask(self, chosen: list[dict[str, Any]]) -> None:
        for record in chosen:
            for _, name, mask in self._masks:
                if name in record:
                    record[name] = mask(record[name])

    def written(self, chosen: list[dict[str, Any]]) -> Shown:
        """Of records that were chosen and checked: masked and written down. Raises UpstreamInvalid: no UTF-8 text."""
        self._mask(chosen)
        try:
            return Shown(_encode(chosen), len(chosen))
        except UnicodeEncodeError:
            raise UpstreamInvalid("a text is no Unicode", "有文本不是合法的 Unicode") from None


class Projections:
    """The projections in use, by version of the resource and choice of fields; the least lately used goes first."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._kept: OrderedDict[tuple[UUID, int, tuple[str, ...], tuple[str, ...]], Projection] = (
            OrderedDict()
        )

    def of(self, resource: Resource, fields: tuple[str, ...], masked: tuple[str, ...]) -> Projection:
        """The projection of these fields."""
        key = (resource.id, resource.version, fields, masked)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Projection(resource, fields, masked, self._rows)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


def parsed(body: bytes) -> Any:
    """The value of a strict JSON text. Raises UpstreamInvalid."""
    try:
        return parse_json(body, _DEPTH)
    except Malformed:
        raise UpstreamInvalid(
            "the answer is not strict JSON: UTF-8, no member twice, no NaN, at most 32 levels, integers up to 2^53",
            "应答不是规范的 JSON：须为 UTF-8，键不重复，无 NaN，嵌套不超过 32 层，整数不超过 2^53",
        ) from None


def at(value: Any, steps: Sequence[str]) -> Any:
    """What stands below the members ``steps``. Raises UpstreamInvalid."""
    for name in steps:
        if not isinstance(value, dict) or name not in value:
            pointer = "".join(f"/{step}" for step in steps)
            raise UpstreamInvalid(f"there is nothing at {pointer}", f"应答中没有 {pointer}")
        value = value[name]
    return value


def records_of(value: Any) -> list[dict[str, Any]]:
    """One record, or a list of them. Raises UpstreamInvalid."""
    records = [value] if isinstance(value, dict) else value
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UpstreamInvalid("the records are no JSON objects", "应答记录不是 JSON 对象")
    return records


def steps_of(pointer: str) -> tuple[str, ...]:
    """The names a JSON pointer leads through."""
    return tuple(pointer.split("/")[1:])
