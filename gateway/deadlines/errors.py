"""What can be wrong with the data of this room and with a date it is asked about."""

from gateway.errors import BadSettings, Unavailable


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
