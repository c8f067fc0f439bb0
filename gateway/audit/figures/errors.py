"""What can go wrong with figures."""

from gateway.errors import Malformed


class TooManyFigures(Malformed):
    """The answer would have too many lines（统计结果行数过多）."""

    remedy = (
        "Ask for fewer days, or tell records apart by less.",
        "请缩小日期范围，或减少分组条件。",
    )
