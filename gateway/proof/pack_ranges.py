"""Whether the records of a pack are all there were: a department's numbers without a gap, up to the record of the export."""

from dataclasses import dataclass, field

from .chains import Events
from .pack_asked import WHOLE_LOG, Asked
from .pack_files import LIST, RECORDS, Damage
from .pack_rows import Row
from .refusal import Refused


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one side, both ends included; ``last`` is ``first`` − 1 where there is none."""

    side: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class At:
    """A row and the number of its line."""

    row: Row
    line: int


@dataclass(slots=True)
class Seen:
    """What the lines gave so far: leaves for the tree, numbers for the ranges, events for the chains."""

    asked: Asked
    ranges: tuple[Range, ...]
    wanted: int
    leaves: list[tuple[int, bytes]] = field(default_factory=list)
    numbers: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    events: Events = field(default_factory=Events)
    exported: At | None = None
    matching: int = 0
    shown: int = 0
    hidden: int = 0

    def take(self, row: Row, line: int, size: int) -> None:
        """Take the next line.

        Raises:
            Damage: it is behind the checkpoint of ``size`` records, or hides what was asked for.
        """
        if row.stub.idx >= size:
            raise Damage(
                Refused("index", "the record is behind the checkpoint", "记录超出检查点"),
                RECORDS,
                line,
                row.stub.idx,
            )
        self.leaves.append((row.stub.idx, row.leaf))
        for side, number in self.asked.numbers(row.stub).items():
            self.numbers.setdefault(side, []).append((number, row.stub.recorded_ms))
        if row.event is None:
            self.hidden += 1
            if self._is_inside(row) and self.asked.would_show(row.stub):
                raise Damage(
                    Refused("hidden", "a record that was asked for is hidden", "所要求的记录被隐去"), RECORDS, line, row.stub.idx
                )  # fmt: skip
        else:
            self.shown += 1
            self.events.add(row)
            self.matching += self.is_matching(row)
        if row.stub.idx == self.wanted:
            self.exported = At(row, line)

    def is_matching(self, row: Row) -> bool:
        """Whether the record was asked for."""
        return row.event is not None and self._is_inside(row) and self.asked.wants(row.said)

    def _is_inside(self, row: Row) -> bool:
        numbers = self.asked.numbers(row.stub)
        return any(one.side in numbers and one.first <= numbers[one.side] <= one.last for one in self.ranges)

    def check_ranges(self, exported: Row) -> None:
        """All numbers are here, and the range is the one that was asked for.

        Raises:
            Damage.
        """
        tails = self.asked.numbers(exported.stub)
        for one in self.ranges:
            if one.side not in tails:
                raise _wrong_range(
                    one, "the record of the export has no number on this side", "导出记录在该方向没有序号"
                )
            self._check_gapless(one)
            self._check_ends(one, tails[one.side])

    def _check_gapless(self, one: Range) -> None:
        expected = one.first
        for number, _ in self.numbers.get(one.side, ()):
            if one.first <= number <= one.last:
                if number != expected:
                    raise _left_out(one, expected)
                expected += 1
        if expected != one.last + 1:
            raise _left_out(one, expected)

    def _check_ends(self, one: Range, tail: int) -> None:
        asked, lowest = self.asked, 0 if one.side == WHOLE_LOG else 1
        at = dict(self.numbers.get(one.side, ()))
        if asked.first is not None:
            begins = one.first == min(max(asked.first, lowest), tail + 1)
        else:
            begins = one.first == lowest
            if asked.since_ms is not None and not begins:
                begins = one.first - 1 in at and at[one.first - 1] < asked.since_ms
        if asked.last is not None:
            ends = one.last == min(asked.last, tail)
        else:
            ends = one.last == tail
            if asked.until_ms is not None and not ends:
                ends = one.last + 1 in at and at[one.last + 1] >= asked.until_ms
        if not begins or one.last > tail or one.first > one.last + 1:
            raise _wrong_range(one, "it does not begin where was asked", "起点与要求不符")
        if not ends:
            raise _wrong_range(
                one, "it does not end where was asked: the tail is missing", "终点与要求不符：缺少末尾"
            )


def _left_out(one: Range, number: int) -> Damage:
    because = Refused(
        "incomplete", f"number {number} as {one.side} is missing", f"缺少 {one.side} 序号 {number}"
    )
    return Damage(because, RECORDS)


def _wrong_range(one: Range, detail: str, detail_zh: str) -> Damage:
    return Damage(
        Refused(
            "range",
            f"{one.first}…{one.last} as {one.side}: {detail}",
            f"{one.side} {one.first}…{one.last}：{detail_zh}",
        ),
        LIST,
    )
