"""Reading rule sets from ``*.toml``. A new file is a new rule set; no code needs to know it.

I/O, and therefore apart from ``rules``. A file with anything unexpected in it is refused, by name and place.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.deadlines.amounts import Hours, WorkingDays
from gateway.deadlines.calendar import Line
from gateway.deadlines.errors import BadRuleSet
from gateway.deadlines.history import EVENTS, Event, Subject
from gateway.deadlines.regions import significant
from gateway.deadlines.rules import Actor, ClockRule, Extension, Level, RuleSet
from gateway.deadlines.slots import PauseReason

_LEVELS: Final = {0: Level.NATIONAL, 2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY}

_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def _half(days: float) -> float:
    if days * 2 % 1:
        raise ValueError("working days are whole or half numbers")
    return days


_Days = Annotated[float, Field(strict=True, ge=0.5, le=1000), AfterValidator(_half)]
_Events = Annotated[frozenset[Event], Field(min_length=1)]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Extension(_Content):
    most_days: _Days
    consents: Actor | None = None
    tells_requester: Annotated[bool, Field(strict=True)] = False


class _Clock(_Content):
    id: _Name
    subject: Subject = Subject.APPLICATION
    title: _Text
    title_zh: _Text
    start: _Events
    stop: _Events
    actor: Actor
    limit_days: _Days | None = None
    limit_hours: Annotated[int, Field(strict=True, ge=1, le=10000)] | None = None
    day_type: Literal["working"] | None = None
    routes: frozenset[Literal["direct", "department"]] = frozenset()
    classes: frozenset[Literal["unconditional", "conditional"]] = frozenset()
    traits: frozenset[_Name] = frozenset()
    extension: _Extension | None = None
    pauses: frozenset[PauseReason] = frozenset()
    article: _Text

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if (self.limit_days is None) == (self.limit_hours is None):
            raise ValueError("a clock has either limit_days or limit_hours")
        if (self.limit_days is None) != (self.day_type is None):
            raise ValueError("day_type belongs to limit_days")
        if self.limit_hours is not None and self.extension is not None:
            raise ValueError("a limit in hours cannot be extended by days")
        return self

    @model_validator(mode="after")
    def _fits_its_subject(self) -> Self:
        strangers = sorted((self.start | self.stop) - EVENTS[self.subject] - {Event.CLOSED})
        if strangers:
            raise ValueError(f"no events of a case of subject {self.subject}: {', '.join(strangers)}")
        if self.subject is not Subject.APPLICATION and (self.routes or self.classes):
            raise ValueError("routes and classes belong to applications")
        return self


class _RuleSet(_Content):
    id: _Name
    level: Level
    region: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    effective_from: date
    effective_to: date | None = None
    title: _Text
    title_zh: _Text
    source: _Text
    clocks: Annotated[tuple[_Clock, ...], Field(min_length=1)]


def load_rule_sets(folder: Path) -> tuple[RuleSet, ...]:
    """Read every ``*.toml`` of the folder, ordered by id.

    Raises:
        BadRuleSet: a file is unreadable or contradicts itself, or there is none; the detail names it.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise _bad(folder, "no rule set (*.toml) in this folder", "目录中没有时限规则（*.toml）")
    return tuple(_read(file) for file in files)


def _read(file: Path) -> RuleSet:
    content = _parse(file)
    if content.id != file.stem:
        raise _bad(file, f"its id {content.id} is not the file's name", f"编号 {content.id} 与文件名不一致")
    level = _LEVELS[len(significant(content.region))]
    if content.level not in (level, Level.LOCAL):
        raise _bad(file, f"region {content.region} is of level {level}", f"该区划层级应为 {level}")
    if content.effective_to is not None and content.effective_to < content.effective_from:
        raise _bad(file, "effective_to is before effective_from", "失效日期早于生效日期")
    names = [clock.id for clock in content.clocks]
    if len(set(names)) < len(names):
        raise _bad(file, "two clocks have the same id", "时限编号重复")
    return _rule_set(content)


def _parse(file: Path) -> _RuleSet:
    try:
        return _RuleSet.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as wrong:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors())
        raise _bad(file, said, said) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise _bad(file, f"cannot be read: {wrong}", f"无法读取：{wrong}") from None


def _rule_set(content: _RuleSet) -> RuleSet:
    return RuleSet(
        content.id,
        content.level,
        content.region,
        content.effective_from,
        content.effective_to,
        Line(content.title, content.title_zh),
        content.source,
        tuple(_clock(content.id, clock) for clock in content.clocks),
    )


def _clock(rule_set: str, clock: _Clock) -> ClockRule:
    more = clock.extension
    return ClockRule(
        id=f"{rule_set}.{clock.id}",
        title=Line(clock.title, clock.title_zh),
        start=clock.start,
        stop=clock.stop,
        actor=clock.actor,
        limit=Hours(clock.limit_hours) if clock.limit_hours else WorkingDays(clock.limit_days or 0),
        routes=frozenset(clock.routes),
        classes=frozenset(clock.classes),
        article=clock.article,
        subject=clock.subject,
        traits=clock.traits,
        extension=Extension(WorkingDays(more.most_days), more.consents, more.tells_requester)
        if more
        else None,
        pauses=clock.pauses,
    )


def _bad(place: Path, detail: str, detail_zh: str) -> BadRuleSet:
    return BadRuleSet(f"rule set {place}: {detail}", f"时限规则 {place}：{detail_zh}")
