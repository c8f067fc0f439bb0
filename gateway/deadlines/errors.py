"""What can be wrong with the data of this room, with a date it is asked about, and with an act on a clock."""

from gateway.errors import BadSettings, Conflict, Unavailable


class BadCalendar(BadSettings):
    """A working-day calendar file is wrong（工作日历文件有误）."""


class BadRuleSet(BadSettings):
    """A rule set file is wrong（时限规则文件有误）."""


class OutsideCalendar(Unavailable):
    """No working-day calendar reaches this date（工作日历未覆盖该日期）."""

    remedy = (
        "Check the date; if it is right, ask the platform to install the calendar of that year.",
        "请核对日期；如日期无误，请平台管理部门安装该年度工作日历。",
    )


class Backdated(Conflict):
    """An act on a clock cannot lie before one already recorded（不得早于已记录事项倒填时间）."""


class AlreadyPaused(Conflict):
    """The clock is paused already（时限已暂停）."""

    remedy = ("Resume it first.", "请先恢复计时。")


class NotPaused(Conflict):
    """The clock is not paused（时限未暂停）."""

    remedy = ("Nothing needs to be resumed.", "无需恢复计时。")


class NotPausable(Conflict):
    """No rule lets this clock be paused for this reason（时限规则不允许以此事由暂停计时）."""

    remedy = (
        "The clock runs on. Only a rule set that names the reason under pauses allows it.",
        "计时继续。仅当时限规则列明该暂停事由时方可暂停。",
    )


class NotExtendable(Conflict):
    """The rule does not allow this extension（时限规则不允许该延期）."""

    remedy = (
        "Decide within the time limit; the rule says how far it may be extended, and until when that can be asked.",
        "请在时限内办结；可延长的工作日数及申请时点以时限规则为准。",
    )
