"""Being told to end: noticed between two things, never in the middle of one.

A signal that raises where it falls may fall into the making of a process or the removing of files, and is then
lost or leaves something behind.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SLICE_SECONDS: Final = 0.1


class Ending:
    """Whether the demonstration was told to end."""

    def __init__(self) -> None:
        self._told = False

    def tell(self, _number: int, _frame: FrameType | None) -> None:
        """The signals' handler."""
        self._told = True

    def check(self) -> None:
        """Go on, or raise KeyboardInterrupt."""
        if self._told:
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait so long; raises KeyboardInterrupt as soon as told to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _SLICE_SECONDS))
        self.check()


@contextmanager
def heard() -> Iterator[Ending]:
    """Listen for Ctrl-C, SIGTERM and a closed terminal, unless started with ``nohup``, as long as the block runs."""
    ending = Ending()
    kinds = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        kinds.append(signal.SIGHUP)
    before = {kind: signal.signal(kind, ending.tell) for kind in kinds}
    try:
        yield ending
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
