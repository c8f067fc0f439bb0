"""What leaves: from each record only the granted fields, each of the type the catalogue says, written anew.

Raw bytes of a provider never pass; an answer that does not fit its description is refused whole.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from gateway.catalog import Description
from gateway.catalog.description import DataItem, DataType
from gateway.web.outbound import UpstreamInvalid, UpstreamTooLarge

_TEXTS: Final = frozenset({DataType.TEXT, DataType.NOTE, DataType.DATE, DataType.DATETIME})
_NUMBERS: Final = frozenset({DataType.NUMBER, DataType.MONEY, DataType.DOUBLE, DataType.FLOAT})
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,100}(\.[0-9]{1,100})?")
_TRUTHS: Final = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}


def project(
    records: Sequence[Mapping[str, Any]],
    fields: Iterable[str],
    description: Description,
    sources: Mapping[str, str],
    rows: int,
) -> list[dict[str, Any]]:
    """The records as they may leave.

    Args:
        fields: granted and wanted names, in the order to show.
        sources: names at the provider, where they differ.
        rows: most records in one answer.

    Raises:
        UpstreamTooLarge: more records than that; nothing is cut off silently.
        UpstreamInvalid: a field is missing or of another type than described.
    """
    if len(records) > rows:
        raise UpstreamTooLarge(
            f"more than {rows} records; narrow the parameters", f"超过 {rows} 条记录，请缩小查询范围"
        )
    items = [item for name in fields if (item := description.item(name)) is not None]
    return [{item.name: value_of(record, item, sources) for item in items} for record in records]


def value_of(record: Mapping[str, Any], item: DataItem, sources: Mapping[str, str]) -> Any:
    """The value of one item, checked against its type and length. Raises UpstreamInvalid."""
    source = sources.get(item.name, item.name)
    if source not in record:
        raise UpstreamInvalid(f"the field {item.name} is missing", f"缺少字段 {item.name}")
    try:
        value = _typed(record[source], item.type)
    except ValueError:
        raise UpstreamInvalid(
            f"the field {item.name} is not of type {item.type}", f"字段 {item.name} 的类型不是 {item.type}"
        ) from None
    if item.length is not None and isinstance(value, str) and len(value) > item.length:
        raise UpstreamInvalid(f"the field {item.name} is longer than {item.length}", f"字段 {item.name} 超长")
    return value


def _typed(value: Any, kind: DataType) -> Any:
    """``value`` as JSON of its type; exact decimals become texts, because JSON numbers lose digits."""
    if value is None:
        return None
    if kind in _TEXTS:
        return _text(value)
    if kind is DataType.BOOLEAN:
        return _truth(value)
    if kind is DataType.INTEGER:
        return _integer(value)
    if kind in _NUMBERS:
        return _number(value)
    return value if isinstance(value, str | bool) else _date_or_number(value)


def _text(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str) else _wrong()


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value)
    return _TRUTHS[text] if text in _TRUTHS else _wrong()


def _integer(value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else _wrong()


def _number(value: Any) -> int | float | str:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, float) and isfinite(value):
        return value
    return value if isinstance(value, int) and not isinstance(value, bool) else _wrong()


def _date_or_number(value: Any) -> int | float | str:
    return _text(value) if isinstance(value, date) else _number(value)


def _wrong() -> Any:
    raise ValueError
