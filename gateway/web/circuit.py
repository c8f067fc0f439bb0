"""When not to ask a department's system: after failures in a row it is left in peace, then tried with one question.

What counts as a failure is that nobody answers: no connection, no answer in time, a connection that ends without a word. An
answer that is wrong or refuses is an answer; else one caller with odd parameters could keep a service from all others.
"""

from typing import Final

from gateway.web.upstream import UpstreamResting

_LONGEST_SECONDS: Final = 60.0
_RETRY_SHARE: Final = 0.1
_RETRIES_SAVED: Final = 10.0


class Circuit:
    """Closed, open or half open, of one origin.

    Args:
        failures_max: in a row, which open it.
        open_seconds: for how long at first; doubled each time the trial fails, up to a minute.
    """

    def __init__(self, failures_max: int, open_seconds: float) -> None:
        self._failures_max = failures_max
        self._first_seconds = self._seconds = open_seconds
        self._failures = 0
        self._until: float | None = None
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether questions are held back, but for one trial at a time."""
        return self._until is not None

    def enter(self, now: float) -> None:
        """Before a question. Raises UpstreamResting: it must not be put."""
        if self._until is None:
            return
        if self._trying or now < self._until:
            seconds = max(1, round(self._until - now))
            raise UpstreamResting(
                f"it did not answer several times in a row; it is asked again in {seconds} s",
                f"连续多次未应答，{seconds} 秒后再试",
                retry_after_seconds=seconds,
            )
        self._trying = True

    def answered(self) -> None:
        """It answered, in whatever way."""
        self._failures, self._until, self._trying, self._seconds = 0, None, False, self._first_seconds

    def failed(self, now: float) -> None:
        """Nobody answered."""
        self._failures += 1
        if self._trying:
            self._trying = False
            self._seconds = min(2 * self._seconds, _LONGEST_SECONDS)
            self._until = now + self._seconds
        elif self._until is None and self._failures >= self._failures_max:
            self._until = now + self._seconds

    def left(self) -> None:
        """The question was given up by whoever asked: nothing is known."""
        self._trying = False


class Retries:
    """How often a question may be put again: one for ten questions, so that a sick system is not asked twice as often."""

    def __init__(self) -> None:
        self._saved = 1.0

    def asked(self) -> None:
        """A first question."""
        if self._saved < _RETRIES_SAVED:
            self._saved += _RETRY_SHARE

    def take(self) -> bool:
        """Whether this one may be put again, which is then counted."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
