"""Shapes of JSON in and out: nothing undeclared, text in NFC, no control characters."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from gateway.names import has_control_signs, is_slug, tidy

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class Model(BaseModel):
    """A JSON object with exactly the declared members."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def disagreement(kind: str, en: str, zh: str) -> PydanticCustomError:
    """A rule that a value breaks, in both languages; for validators to raise."""
    return PydanticCustomError(kind, "{en}", {"en": en, "zh": zh})


def _words(text: str) -> str:
    text = tidy(text)
    if not text:
        raise PydanticCustomError("blank", "must not be blank")
    if has_control_signs(text):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return text


def _line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("line", "must be one line without tabs")
    return text


def _day(given: object) -> object:
    if not isinstance(given, str):
        return given
    with suppress(ValueError):
        if _DAY.fullmatch(given):
            return date.fromisoformat(given)
    raise PydanticCustomError("day", "must be a day of the calendar written YYYY-MM-DD")


def _instant(given: object) -> object:
    if not isinstance(given, str):
        return given
    with suppress(ValueError, OverflowError):
        if _INSTANT.fullmatch(given):
            return datetime.fromisoformat(given).astimezone(UTC)
    raise PydanticCustomError("instant", "must be a time with its zone, such as 2026-01-31T08:00:00+08:00")


def _slug(text: str) -> str:
    if not is_slug(text):
        raise PydanticCustomError("slug", "must be lower-case words joined by hyphens, 2 to 60 characters")
    return text


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(_words), AfterValidator(_line)
]
"""A short text in one line: a name or a title."""

Note = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_words)]
"""A longer text: a reason, a basis, a description."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
"""A code given by somebody else: 事项编码, 办件编号."""

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=60),
    AfterValidator(_slug),
]
"""A name in addresses: lower-case words joined by hyphens."""

Day = Annotated[date, BeforeValidator(_day)]
"""A day (RFC 3339 full-date); pydantic alone also takes ``"0"`` for 1970-01-01."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
"""An instant with its zone (RFC 3339 date-time)."""

T = TypeVar("T")


class Page(Model, Generic[T]):
    """Part of a list; ``next_cursor`` is absent on the last page."""

    items: list[T]
    next_cursor: str | None = None
