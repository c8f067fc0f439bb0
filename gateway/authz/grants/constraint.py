"""What a grant says of one parameter (管控参数): every part that is given must hold, and the parameter must be there."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Self, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from gateway.web import Line, Model
from gateway.web.model import disagreement

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_Measure: TypeAlias = tuple[str, Decimal]
"""Of what kind it is, and where it lies: only what is of one kind can be compared."""
_Bound = Annotated[str, StringConstraints(min_length=1, max_length=30)]
_Length = Annotated[int, Field(ge=1, le=200)]


class Constraint(Model):
    """What a parameter may be: one of ``values`` (one value: fixed), or what satisfies all other parts given.

    Attributes:
        prefix: how it begins.
        at_least, at_most: the range, both ends inside; numbers, or days as YYYY-MM-DD.
        shortest, longest: how many characters it has.
        own_region: it is the division code of the calling department's own region.
        required: it is given at all; every other part says that too.
    """

    values: Annotated[list[Line], Field(min_length=1, max_length=1000)] | None = None
    prefix: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    at_least: _Bound | None = None
    at_most: _Bound | None = None
    shortest: _Length | None = None
    longest: _Length | None = None
    own_region: bool | None = None
    required: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.values is None) != self._has_parts():
            raise disagreement(
                "constraint",
                "give either values, or at least one of the other parts",
                "请填写 values，或至少一项其他约束",
            )
        return self

    @model_validator(mode="after")
    def _ranges_are_ranges(self) -> Self:
        ends = [measure(end) for end in (self.at_least, self.at_most) if end is not None]
        if None in ends or (len(ends) == 2 and not _is_order(ends[0], ends[1])):
            raise disagreement(
                "range", "at_least and at_most are numbers or days (YYYY-MM-DD), the smaller one first",
                "at_least 与 at_most 须同为数值或日期（YYYY-MM-DD），且前者不大于后者",
            )  # fmt: skip
        if self.shortest and self.longest and self.shortest > self.longest:
            raise disagreement("range", "shortest is longer than longest", "shortest 大于 longest")
        return self

    def _has_parts(self) -> bool:
        ends = (self.prefix, self.at_least, self.at_most, self.shortest, self.longest)
        return bool(self.own_region or self.required) or any(part is not None for part in ends)

    @property
    def is_prefix(self) -> bool:
        """Whether nothing but how a value begins is bounded."""
        return not self.own_region and all(
            part is None for part in (self.values, self.at_least, self.at_most, self.shortest, self.longest)
        )

    def allows(self, value: str, region: str = "") -> bool:
        """Whether a call may use ``value``; ``region`` is that of the calling department."""
        if self.values is not None:
            return value in self.values
        if self.own_region and (not region or value != region):
            return False
        return self._has_form(value)

    def _has_form(self, value: str) -> bool:
        if not value.startswith(self.prefix or ""):
            return False
        if not (self.shortest or 0) <= len(value) <= (self.longest or len(value)):
            return False
        if self.at_least is None and self.at_most is None:
            return True
        found = measure(value)
        return (self.at_least is None or _is_order(measure(self.at_least), found)) and (
            self.at_most is None or _is_order(found, measure(self.at_most))
        )

    def is_within(self, wider: "Constraint") -> bool:
        """Whether everything this allows, ``wider`` allows too, as far as that can be told from what both say."""
        if self.values is not None:
            return not wider.own_region and all(wider.allows(value) for value in self.values)
        if wider.values is not None:
            return False
        return (
            (self.prefix or "").startswith(wider.prefix or "")
            and (wider.shortest is None or (self.shortest is not None and self.shortest >= wider.shortest))
            and (wider.longest is None or (self.longest is not None and self.longest <= wider.longest))
            and (self.own_region or not wider.own_region)
            and (wider.at_least is None or _is_order(_end(wider.at_least), _end(self.at_least)))
            and (wider.at_most is None or _is_order(_end(self.at_most), _end(wider.at_most)))
        )

    def text(self) -> str:
        """For a person: short, the same in both languages."""
        if self.values is not None:
            return ", ".join(self.values)
        parts = [f"{self.prefix}…" if self.prefix else ""]
        if self.at_least or self.at_most:
            parts.append(f"{self.at_least or ''}–{self.at_most or ''}")
        if self.shortest or self.longest:
            parts.append(f"[{self.shortest or 1}–{self.longest or ''}]")
        parts.append("= own region（本地区）" if self.own_region else "")
        return " ".join(part for part in parts if part) or "required（必填）"


def measure(text: str) -> _Measure | None:
    """A text as a number or a day; None if it is neither."""
    if _NUMBER.fullmatch(text):
        return "number", Decimal(text)
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return "day", Decimal(date.fromisoformat(text).toordinal())
    return None


def _end(text: str | None) -> _Measure | None:
    return None if text is None else measure(text)


def _is_order(first: _Measure | None, second: _Measure | None) -> bool:
    """Both are there, of one kind, and the first is not the greater."""
    return first is not None and second is not None and first[0] == second[0] and first[1] <= second[1]
