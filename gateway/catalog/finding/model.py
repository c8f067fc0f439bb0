"""What is asked, who asks, and the counts that come back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FACETS: Final = (
    "provider_org", "sharing_class", "format", "classification", "group", "update_cycle", "grade", "open",
)  # fmt: skip
"""What entries are counted by: 提供方, 共享类型, 格式, 类, 项, 更新周期, 分级, 是否开放."""

_CODE: Final = re.compile(r"[123][0-9]{5,17}(/[0-9]{0,12})?")
_AFTER_DIGITS: Final = ":"
"""The sign after 9: every code that begins with a prefix is below the prefix with it."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of resources is narrowed by; all given must hold.

    ``words`` have at least two signs each; one that reads like a resource code finds codes that begin with it.
    ``classification`` and ``group`` are the names of 类 and 项.
    """

    words: Sequence[str] = ()
    code: str = ""
    provider_org: str | None = None
    sharing_class: str | None = None
    format: str | None = None
    classification: str | None = None
    group: str | None = None
    update_cycle: str | None = None
    grade: str | None = None
    open: bool | None = None

    def plain_words(self) -> list[str]:
        """The words that are not codes."""
        return [word for word in self.words if not _CODE.fullmatch(word)]

    def filters(self) -> dict[str, str]:
        """The facets that must have a certain value."""
        given = {name: getattr(self, name) for name in FACETS}
        return {
            name: str(value).lower() if name == "open" else value
            for name, value in given.items()
            if value is not None
        }

    def codes(self) -> tuple[str, str]:
        """The codes that may be found: from the first on, below the second."""
        prefixes = [self.code, *(word for word in self.words if _CODE.fullmatch(word))]
        return max(prefixes), min(prefix + _AFTER_DIGITS for prefix in prefixes)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose drafts are seen beside what is public: of one department, or of all."""

    org: str
    all: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a facet: how many entries have it, and its name where it is a code."""

    value: str
    count: int
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts by facet; not ``complete`` when more was found than is counted, so that all are at least the numbers said."""

    total: int
    complete: bool
    by: Mapping[str, Sequence[Facet]]
