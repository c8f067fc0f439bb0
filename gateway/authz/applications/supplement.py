"""How long a department has to supply what is missing (补正期限): a local setting in versions, read from data.

Decree 809 Art. 21 asks for one complete notice and sets no limit; the limit in force is printed on the notice.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.deadlines import WorkingDays
from gateway.errors import BadSettings

_Text = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class SupplementRule:
    """One version of the limit, in working days, and where it comes from."""

    version: str
    effective_from: date
    limit: WorkingDays
    source: str
    source_zh: str


def rule_on(rules: Sequence[SupplementRule], day: date) -> SupplementRule:
    """The version in force on a day: the latest that has begun, or the first there is."""
    begun = [each for each in rules if each.effective_from <= day]
    return max(begun, key=lambda each: each.effective_from, default=rules[0])


def load_supplement_rules(file: Path) -> tuple[SupplementRule, ...]:
    """Read the versions, earliest first.

    Raises:
        BadSettings: unreadable, empty, or two versions with one name or one first day.
    """
    try:
        content = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as wrong:
        raise BadSettings(f"supplement rules {file}: {wrong}", f"补正期限设定 {file} 有误：{wrong}") from None
    rules = sorted((each.rule() for each in content.versions), key=lambda each: each.effective_from)
    if len({each.version for each in rules}) < len(rules) or len(
        {each.effective_from for each in rules}
    ) < len(rules):
        raise BadSettings(
            f"supplement rules {file}: a version stands twice", f"补正期限设定 {file}：版本重复"
        )
    return tuple(rules)


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Version(_Content):
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,20}$")]
    effective_from: date
    limit_days: Annotated[int, Field(strict=True, ge=1, le=60)]
    day_type: Literal["working"]
    source: _Text
    source_zh: _Text

    def rule(self) -> SupplementRule:
        return SupplementRule(
            self.version, self.effective_from, WorkingDays(self.limit_days), self.source, self.source_zh
        )


class _File(_Content):
    versions: Annotated[tuple[_Version, ...], Field(min_length=1)]
