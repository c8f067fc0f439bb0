"""Which documents need a department's seal: rules as data, read once at start; without a rule none does."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import BadSettings

_Text = Annotated[str, Field(min_length=1, max_length=200)]


class Kind(StrEnum):
    """What is stamped: 共享申请, 审批决定."""

    APPLICATION = "application"
    DECISION = "decision"


class Rule(BaseModel):
    """One rule: on what, for which data, from which day, by which source; an empty list means every one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")]
    on: Annotated[frozenset[Kind], Field(min_length=1)]
    grades: frozenset[Literal["general", "important", "core"]] = frozenset()
    """数据分级 (GB/T 43697)."""
    resources: frozenset[_Text] = frozenset()
    """信息资源代码; ``…*`` stands for every code that begins so."""
    effective_from: date
    effective_until: date | None = None
    source: _Text
    source_zh: _Text

    def applies(self, kind: Kind, code: str, grade: str, day: date) -> bool:
        """Whether it asks for a seal on a document of that day about this resource."""
        in_force = self.effective_from <= day and (
            self.effective_until is None or day <= self.effective_until
        )
        graded = not self.grades or grade in self.grades
        return in_force and graded and kind in self.on and self._names(code)

    def _names(self, code: str) -> bool:
        return not self.resources or any(
            code.startswith(each[:-1]) if each.endswith("*") else code == each for each in self.resources
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in the order of the file."""

    held: Sequence[Rule] = ()

    def asking(self, kind: Kind, code: str, grade: str, day: date) -> Rule | None:
        """The first rule that asks for a seal; None where none does."""
        return next((each for each in self.held if each.applies(kind, code, grade, day)), None)


def load_rules(file: Path) -> Rules:
    """Read the rules.

    Raises:
        BadSettings: unreadable, not of the form above, or two rules with one id.
    """
    try:
        rules = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).rules
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as wrong:
        raise BadSettings(f"rules of sealing {file}: {wrong}", f"用印规则 {file} 有误：{wrong}") from None
    if len({each.id for each in rules}) < len(rules):
        raise BadSettings(f"rules of sealing {file}: an id stands twice", f"用印规则 {file}：规则编号重复")
    return Rules(rules)
