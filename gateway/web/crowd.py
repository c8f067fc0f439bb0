"""How many connections a listener holds, in all and from one address; one more is cut before a byte of it is read.

A connection counts from the moment it can be spoken on: with TLS after its handshake, which has a deadline of its own.
"""

from collections.abc import Callable

import structlog

from gateway.settings import Web

_log = structlog.get_logger()


def _unheard() -> None:
    pass


class Crowd:
    """The connections of one listener. ``turned_away`` is called for each that is cut."""

    def __init__(self, limits: Web, turned_away: Callable[[], None] = _unheard) -> None:
        self._limits = limits
        self._turned_away = turned_away
        self._all = 0
        self._of: dict[str, int] = {}
        self._is_full = False

    def enter(self, address: str) -> bool:
        """Whether there is room for one more from this address; then it is counted, until :meth:`leave`."""
        here = self._of.get(address, 0)
        if self._all >= self._limits.connections_max or here >= self._limits.address_connections_max:
            self._turned_away()
            if not self._is_full:  # said once until there is room again
                self._is_full = True
                _log.warning("connections.full", address=address, here=here, all=self._all)
            return False
        self._is_full = False
        self._all += 1
        self._of[address] = here + 1
        return True

    def leave(self, address: str) -> None:
        """One that entered is gone."""
        self._all -= 1
        left = self._of[address] - 1
        if left:
            self._of[address] = left
        else:
            del self._of[address]
