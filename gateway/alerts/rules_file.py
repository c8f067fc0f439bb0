"""Reading ``config/alerts.toml``."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.alerts.model import Rule, RuleKind, Severity
from gateway.audit import EventType
from gateway.audit.record import Columns
from gateway.errors import BadSettings

_NEEDED: Final = {
    RuleKind.ANY: {"types"},
    RuleKind.COUNT: {"types", "at_least", "within_seconds"},
    RuleKind.OFF_HOURS: {"types", "opens", "closes"},
    RuleKind.DORMANT: {"types", "by", "unused_days"},
    RuleKind.GAP: set[str](),
    RuleKind.RISE: {"metric"},
}


class BadAlertRules(BadSettings):
    """The rules of alerts cannot be used（告警规则有误）."""


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Content):
    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    title: str
    title_zh: str
    severity: Severity
    kind: RuleKind
    types: frozenset[EventType] = frozenset()
    outcomes: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    by: str = ""
    distinct: str = ""
    at_least: Annotated[int, Field(ge=1, le=1000000)] = 1
    within_seconds: Annotated[int, Field(ge=0, le=86400)] = 0
    opens: time = time.min
    closes: time = time.max
    working_days_only: bool = False
    unused_days: Annotated[int, Field(ge=0, le=3660)] = 0
    metric: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    suspends: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if missing := _NEEDED[self.kind] - self.model_fields_set:
            raise ValueError(f"a rule of kind {self.kind} needs {', '.join(sorted(missing))}")
        for column in (self.by, self.distinct):
            if column and column not in Columns._fields:
                raise ValueError(f"{column} is no column of a record")
        if self.kind is RuleKind.DORMANT and self.by != "grant_id":
            raise ValueError("a rule of kind dormant looks by grant_id")
        if self.suspends and self.by != "grant_id":
            raise ValueError("a rule that suspends grants looks by grant_id")
        if any(kind.startswith("alert.") for kind in self.types):
            raise ValueError("alerts raise no alerts")
        return self

    def rule(self) -> Rule:
        return Rule(**{**self.model_dump(), "types": frozenset(kind.value for kind in self.types)})


class _File(_Content):
    rule: tuple[_Rule, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.id for one in self.rule}) != len(self.rule):
            raise ValueError("two rules have one id")
        return self


def load_rules(file: Path) -> tuple[Rule, ...]:
    """Read the rules in the order of the file.

    Raises:
        BadAlertRules: unreadable, or not rules; the detail says where.
    """
    try:
        read = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as wrong:
        said = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in wrong.errors())
        raise BadAlertRules(f"{file}: {said}", f"{file}：{said}") from None
    except (OSError, ValueError) as wrong:
        raise BadAlertRules(f"{file}: {wrong}", f"{file} 无法读取：{wrong}") from None
    return tuple(one.rule() for one in read.rule)
