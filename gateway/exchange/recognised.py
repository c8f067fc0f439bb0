"""Callers recognised by the header lines they send: programs send the same ones with every call.

What was read from such lines once, and found good, is looked up under their SHA-256 instead of being read again. Nothing
is decided by it: the token is asked for anew whether everything that it was accepted by still stands, and the target
of each request, which is its own, is read and checked each time.
"""

import hashlib
from collections import OrderedDict
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from gateway.exchange.reading import Head, service_of
from gateway.identity.proved import token_key
from gateway.settings import Web
from gateway.web.api import Credentials
from gateway.web.front import read_query, settled_bytes
from gateway.web.incoming import Incoming

_MOST: Final = 10_000
_ACCEPT_MOST: Final = 200
"""Signs of ``Accept`` that are kept; whoever sends longer ones is read in full, so that ten thousand take a few megabytes."""
_PATHS_MOST: Final = 4096
_HELD_BACK: Final = Credentials("")
"""Stands where the token would: what is in memory for minutes should open nothing."""


class Seen(NamedTuple):
    """What lines said: how many bytes they are, the key of the token, ``Accept``, and whether a receipt is wanted inline."""

    size: int
    token: bytes
    accept: str
    inline: bool


class Recognised:
    """The header lines of one process's callers, at most ten thousand, oldest first out."""

    def __init__(self, limits: Web) -> None:
        self._limits = limits
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()

    def find(self, request: Incoming) -> tuple[Head, bytes] | None:
        """The head of a GET by lines seen before, without its token, and the token's key; None to read it in full.

        Raises:
            Malformed: its target is not what the front lets through.
        """
        if request.method != "GET" or request.version != (1, 1):
            return None
        seen = self._seen.get(_key(request))
        target, limits = request.raw_path, self._limits
        path, _, query = target.partition("?")
        if (
            seen is None
            or seen.size + len(target) > limits.head_bytes
            or len(path) > limits.path_bytes
            or len(query) > limits.query_bytes
            or (service := _service(path)) is None
        ):
            return None
        return Head(service, _HELD_BACK, "GET", read_query(query), seen.inline, seen.accept), seen.token

    def keep(self, request: Incoming, head: Head) -> None:
        """Remember the lines of a request that was read in full, and whose plain token was accepted."""
        size = settled_bytes(request)
        if size is None or head.shown.proof is not None or len(head.accept) > _ACCEPT_MOST:
            return
        self._seen[_key(request)] = Seen(size, token_key(head.shown.token), head.accept, head.inline)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)


def _key(request: Incoming) -> bytes:
    # no line holds a line feed: the parser refuses it
    return hashlib.sha256(b"\n".join(chain.from_iterable(request.raw_headers))).digest()


_service = lru_cache(_PATHS_MOST)(service_of)
