"""The one way in which evidence fails here."""


class Refused(Exception):
    """The evidence does not show what it should（证据不成立）.

    Args:
        reason: one word for programs, e.g. ``root`` or ``signature``.
        detail, detail_zh: what is wrong, in both languages, without a full stop.
    """

    def __init__(self, reason: str, detail: str, detail_zh: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.place: dict[str, str | int | None] | None = None
        self.detail = detail
        self.detail_zh = detail_zh
