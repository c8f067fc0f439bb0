"""What an evidence pack was asked for, as it stands in the record ``audit.exported``, and which records are meant by it.

Whoever made the pack and whoever checks it decide with the same lines whether a record was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .refusal import Refused
from .stub import Stub

CONSUMER: Final = "consumer"
PROVIDER: Final = "provider"
WHOLE_LOG: Final = "log"
SIDES: Final = (CONSUMER, PROVIDER)
TABLES: Final = ("csv", "xlsx")
_IN_STUB: Final = frozenset({"consumer_org", "provider_org"})
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "actor": ("who", "id"),
    **{
        name: (name,)
        for name in (
            "type", "outcome", "reason", "consumer_org", "provider_org", "resource", "purpose", "matter", "case", "subject",
            "grade", "application_id", "grant_id", "request_id",
        )
    },
}  # fmt: skip
FILTERS: Final = frozenset(_PLACES)
_MEMBERS: Final = frozenset(
    {"kind", "org", "sides", "since_ms", "until_ms", "first", "last", "filter", "tables"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One export as asked for.

    Args:
        kind: ``records``, or the word for an archive pack.
        org: the department whose records they are; empty for the whole log.
        sides: as whose records: ``consumer``, ``provider``; of the whole log ``log``.
        since_ms, until_ms: when they were ordered, milliseconds since 1970; until does not count itself.
        first, last: the department's numbers instead of times, only with one side.
        filter: names of :data:`FILTERS` with the value that a record must have; every one must fit.
        tables: which of :data:`TABLES` come with it.
    """

    kind: str
    org: str
    sides: tuple[str, ...]
    since_ms: int | None = None
    until_ms: int | None = None
    first: int | None = None
    last: int | None = None
    filter: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nobody could check.

        Raises:
            Refused: sides that do not belong to the department, an unknown filter, numbers with several sides.
        """
        wanted = SIDES if self.org else (WHOLE_LOG,)
        numbers = self.first is not None or self.last is not None
        if not self.sides or len(set(self.sides)) != len(self.sides) or not set(self.sides) <= set(wanted):
            raise _odd("its sides do not fit", "其方向不正确")
        if numbers and (len(self.sides) > 1 or self.since_ms is not None or self.until_ms is not None):
            raise _odd("numbers go with one side and without times", "按序号导出只能选一个方向且不含时间")
        if not set(self.filter) <= FILTERS or not set(self.tables) <= set(TABLES):
            raise _odd("a filter or a table is unknown", "含未知的筛选条件或表格格式")

    def detail(self) -> dict[str, Any]:
        """As it stands in the record; what was not asked for is left out."""
        said = {name: getattr(self, name) for name in self.__slots__}
        said |= {"sides": list(self.sides), "tables": list(self.tables), "filter": dict(self.filter)}
        return {name: value for name, value in said.items() if value not in (None, "", [], {})}

    @classmethod
    def read(cls, detail: Any) -> "Asked":
        """Read :meth:`detail`.

        Raises:
            Refused: it is none.
        """
        if not isinstance(detail, dict) or not {"kind", "sides"} <= detail.keys() <= _MEMBERS:
            raise _odd("its members are others", "其内容不正确")
        lists, chosen = (detail["sides"], detail.get("tables", [])), detail.get("filter", {})
        if not all(isinstance(one, list) for one in lists) or not isinstance(chosen, dict):
            raise _odd("a member is of another kind", "其内容类型不正确")
        texts = [detail["kind"], detail.get("org", ""), *lists[0], *lists[1], *chosen.values()]
        numbers = [detail[name] for name in ("since_ms", "until_ms", "first", "last") if name in detail]
        if not all(isinstance(one, str) for one in texts) or not all(type(one) is int for one in numbers):
            raise _odd("a member is of another kind", "其内容类型不正确")
        return cls(
            detail["kind"], detail.get("org", ""), tuple(detail["sides"]), detail.get("since_ms"), detail.get("until_ms"),
            detail.get("first"), detail.get("last"), dict(detail.get("filter", {})), tuple(detail.get("tables", ())),
        )  # fmt: skip

    def numbers(self, stub: Stub) -> dict[str, int]:
        """The record's number on each side asked for; without the sides it does not stand on."""
        if not self.org:
            return {WHOLE_LOG: stub.idx}
        found = {CONSUMER: (stub.consumer_org, stub.cseq), PROVIDER: (stub.provider_org, stub.pseq)}
        return {side: found[side][1] for side in self.sides if found[side][0] == self.org}

    def wants(self, event: Mapping[str, Any] | None) -> bool:
        """Whether the record passes the filter; ``event`` is None for bytes that are no JSON."""
        if event is None:
            return not self.filter
        return all(_said(event, _PLACES[name]) == value for name, value in self.filter.items())

    def would_show(self, stub: Stub) -> bool:
        """Whether the stub alone tells that the record was asked for: then it may not be hidden."""
        said = {"consumer_org": stub.consumer_org, "provider_org": stub.provider_org}
        return self.filter.keys() <= _IN_STUB and all(
            said[name] == value for name, value in self.filter.items()
        )


def _said(event: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    value: Any = event
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _odd(detail: str, detail_zh: str) -> Refused:
    return Refused("asked", f"what was asked for cannot be read: {detail}", f"无法读取导出要求：{detail_zh}")
