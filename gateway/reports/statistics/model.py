"""The figures there are: plain values. What each means in rows stands in ``queries.sql``."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    """What a value counts."""

    COUNT = "count"
    DAYS = "days"
    PERCENT = "percent"
    SCORE = "score"


class FigureName(StrEnum):
    """The named queries."""

    RESOURCES_PUBLISHED = "resources_published"
    APPLICATIONS_FILED = "applications_filed"
    APPLICATIONS_RECEIVED = "applications_received"
    REFUSALS = "refusals"
    WANTED_NOT_HAD = "wanted_not_had"
    GRANTS_ISSUED = "grants_issued"
    CALLS_MADE = "calls_made"
    CALLS_SERVED = "calls_served"
    CALLS_GROWTH = "calls_growth"
    GRANTS_UNUSED = "grants_unused"
    ON_TIME_RATE = "on_time_rate"
    CLOCKS_LATE = "clocks_late"
    OLDEST_PENDING = "oldest_pending"
    ANSWER_DAYS = "answer_days"
    CORRECTIONS_OPEN = "corrections_open"
    CORRECTIONS_LATE = "corrections_late"
    SOURCE_CONFLICTS = "source_conflicts"
    RATINGS_AVERAGE = "ratings_average"
    RATINGS_UNANSWERED = "ratings_unanswered"
    LEAGUE = "league"


@dataclass(frozen=True, slots=True)
class Figure:
    """指标: its query, what it says in both languages, what a row's label is, and the rule it serves."""

    name: FigureName
    en: str
    zh: str
    unit: Unit
    label: str
    source: str


def _figure(name: FigureName, en: str, zh: str, unit: Unit, label: str, source: str) -> Figure:
    return Figure(name, en, zh, unit, label, source)


FIGURES: Final[tuple[Figure, ...]] = (
    _figure(FigureName.RESOURCES_PUBLISHED, "entries published and not withdrawn", "已发布目录数", Unit.COUNT,
            "sharing class", "Decree 809 Art. 13, 16"),
    _figure(FigureName.APPLICATIONS_FILED, "applications filed, by the applying department", "提交申请数", Unit.COUNT,
            "state", "Decree 809 Art. 20"),
    _figure(FigureName.APPLICATIONS_RECEIVED, "applications for its data, by the providing department", "收到申请数",
            Unit.COUNT, "state", "Decree 809 Art. 20"),
    _figure(FigureName.REFUSALS, "refusals by the providing department", "不同意共享数", Unit.COUNT, "reason",
            "Decree 809 Art. 21"),
    _figure(FigureName.WANTED_NOT_HAD, "applications refused or not accepted, by resource", "需求未满足数", Unit.COUNT,
            "resource code", "庆政办发〔2018〕132号 item 24"),
    _figure(FigureName.GRANTS_ISSUED, "grants issued to the department", "获得授权数", Unit.COUNT, "state",
            "Decree 809 Art. 22"),
    _figure(FigureName.CALLS_MADE, "calls by the department's systems", "调用次数", Unit.COUNT, "service",
            "Decree 809 Art. 29"),
    _figure(FigureName.CALLS_SERVED, "calls to the department's data", "被调用次数", Unit.COUNT, "service",
            "Decree 809 Art. 38"),
    _figure(FigureName.CALLS_GROWTH, "calls to its data against the period before", "被调用环比", Unit.PERCENT, "service",
            "Decree 809 Art. 38"),
    _figure(FigureName.GRANTS_UNUSED, "grants in force all through the period without a call", "应用未用数", Unit.COUNT,
            "service", "Decree 809 Art. 27"),
    _figure(FigureName.ON_TIME_RATE, "clocks that ended in time, of those that ended or ran out", "按时办结率",
            Unit.PERCENT, "rule", "Decree 809 Art. 38"),
    _figure(FigureName.CLOCKS_LATE, "clocks that ran out", "超期件数", Unit.COUNT, "rule", "Decree 809 Art. 39"),
    _figure(FigureName.OLDEST_PENDING, "age of the oldest open case", "最久在办天数", Unit.DAYS, "rule",
            "Decree 809 Art. 38"),
    _figure(FigureName.ANSWER_DAYS, "median time from filing to the department's answer", "答复用时中位数", Unit.DAYS,
            "sharing class", "Decree 809 Art. 21"),
    _figure(FigureName.CORRECTIONS_OPEN, "records being verified", "在办校核数", Unit.COUNT, "resource code",
            "Decree 809 Art. 26"),
    _figure(FigureName.CORRECTIONS_LATE, "corrections answered late or overdue", "校核超期数", Unit.COUNT,
            "resource code", "Decree 809 Art. 39"),
    _figure(FigureName.SOURCE_CONFLICTS, "data items without a named lead source", "待明确数源数", Unit.COUNT, "element",
            "Decree 809 Art. 41"),
    _figure(FigureName.RATINGS_AVERAGE, "average of ratings from 1 to 5", "好差评平均分", Unit.SCORE, "service", "庆政办发〔2018〕132号 item 28"),
    _figure(FigureName.RATINGS_UNANSWERED, "bad ratings without answer in time", "差评未按时答复数", Unit.COUNT,
            "service", "庆政办发〔2018〕132号 item 28"),
    _figure(FigureName.LEAGUE,
            "score of the league table: 60 for clocks in time, 20 for corrections in time, 20 for ratings",
            "考核得分（时限60、校核20、好差评20）", Unit.SCORE, "rank", "Decree 809 Art. 38"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """From the first instant to the one after the last; ages are counted at its end."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one figure."""

    figure: Figure
    org: str
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Proof:
    """What reproduces the rows of a figure: the statement and its parameters, ``$1`` first."""

    sql: str
    parameters: tuple[str | None, str, str]
