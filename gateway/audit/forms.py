"""The writing of an event's bytes, see :mod:`gateway.proof.event`: what many events share is written out once.

The two records of a call differ from those of the call before in little more than ids, times and digests. What does not
change is a :class:`Form`; filling one costs a fraction of writing a whole event.
"""

import os
import re
from binascii import b2a_base64
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from gateway.audit.model import JSON, Cause, Event, Written
from gateway.audit.record import Origin
from gateway.proof.event import VERSION

NONCE_BYTES: Final = 16
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BEGIN: Final = b'[%d,"' % VERSION
_NO_TEXTS: Final = b'"","",""'
_ID_SIGNS: Final = 22
_DIGEST_SIGNS: Final = 43
_NONCES: Final[deque[bytes]] = deque()
_NONCES_AT_ONCE: Final = 256
os.register_at_fork(after_in_child=_NONCES.clear)  # two processes must not draw from one store


NOBODY: Final = b'""'
"""How an id that is missing stands in an event."""


class Particulars(NamedTuple):
    """What an event says beyond its form; the members are those of :class:`gateway.audit.model.Event`.

    Attributes:
        request: the request's id as :func:`id_mark` or :func:`written_id` writes it.
        causes: as :func:`links` writes them.
    """

    matter: str = ""
    case: str = ""
    subject: str = ""
    request: bytes = NOBODY
    detail: Mapping[str, JSON] = {}
    personal: Mapping[str, JSON] = {}
    causes: bytes = b"[]"

    @classmethod
    def of(cls, event: Event) -> "Particulars":
        """Those of one event."""
        return cls(
            event.matter,
            event.case,
            event.subject,
            written_id(event.request_id),
            event.detail,
            event.personal,
            links(event.cause),
        )


class Form:
    """What the events of one kind have in common: everything but their :class:`Particulars`, ids and times.

    Args:
        event: gives type, outcome, reason, who, departments, object, resource, purpose, grade, application and grant.
    """

    __slots__ = ("_act", "_more", "_under", "consumer_org", "provider_org", "type")

    def __init__(self, event: Event) -> None:
        who = event.who
        self.type = event.type
        self.consumer_org, self.provider_org = event.consumer_org, event.provider_org
        actor = f"{who.kind}:{who.id}" if who.id else who.kind
        act = (event.type.value, event.outcome.value, event.reason, event.consumer_org, event.provider_org)
        self._act = b"," + _inside([*act, actor, event.resource]) + b","
        under = (_written(event.grade), written_id(event.application_id), written_id(event.grant_id), b"")
        self._under = b"," + b",".join(under)
        more = [
            0 if who.org and who.org == event.consumer_org else who.org,
            who.role,
            0 if who.client and who.client == who.id else who.client,
            who.address,
            who.authenticated_by,
        ]
        said = [event.object_kind, event.object_id, event.object_version]
        self._more = b"," + _inside([more, said, event.purpose]) + b","

    def filled(
        self,
        said: Particulars,
        origin: Origin,
        *,
        event_id: UUID,
        occurred_at: datetime,
        nonce: bytes,
        personal: Mapping[str, str] | None = None,
    ) -> bytes:
        """The event's bytes, without its number ``n``.

        Args:
            personal: the personal detail as it is stored, sealed; that of ``said`` is never written.

        Raises:
            TypeError: ``detail`` is not JSON.
        """
        matter, case, subject, request, detail, _, causes = said
        return b'%b%b",%d%b%b%b%b%b%b%b,%b,%b,"%b"]' % (
            _BEGIN, b2a_base64(event_id.bytes, newline=False)[:_ID_SIGNS], (occurred_at - _EPOCH) // _MICROSECOND,
            self._act, _inside([matter, case, subject]) if matter or case or subject else _NO_TEXTS, self._under,
            request, self._more, origin.written,
            _written(detail if type(detail) is dict else dict(detail)) if detail else b"{}",
            _written(dict(personal)) if personal else b"{}",
            causes, b2a_base64(nonce, newline=False)[:_ID_SIGNS],
        )  # fmt: skip


def serialise(
    event: Event,
    origin: Origin,
    *,
    event_id: UUID,
    occurred_at: datetime,
    nonce: bytes,
    personal: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of an event that has no form of its own, see :meth:`Form.filled`."""
    return Form(event).filled(
        Particulars.of(event),
        origin,
        event_id=event_id,
        occurred_at=occurred_at,
        nonce=nonce,
        personal=personal,
    )


def fresh_nonce() -> bytes:
    """Sixteen random bytes, drawn from the kernel for many events at once."""
    try:
        return _NONCES.pop()  # atomic, so that threads never share one
    except IndexError:
        drawn = os.urandom(NONCE_BYTES * _NONCES_AT_ONCE)
        _NONCES.extend(drawn[at : at + NONCE_BYTES] for at in range(NONCE_BYTES, len(drawn), NONCE_BYTES))
        return drawn[:NONCE_BYTES]


def numbered(body: bytes, n: int) -> bytes:
    """The bytes of :meth:`Form.filled` with the writer's number as their last member."""
    return b"%b,%d]" % (body[:-1], n)


def _inside(values: list[Any]) -> bytes:
    return _written(values)[1:-1]


def _written(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_storable(value))


def _storable(value: Any) -> Any:
    """The value with lone surrogates, which no UTF-8 can hold, replaced; they come from hostile requests."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value


def links(causes: Iterable[Cause | Written]) -> bytes:
    """The records an event follows from, as they stand in it."""
    return b"[" + b",".join([link(one.event_id, one.digest) for one in causes]) + b"]"


def link(event_id: UUID, digest: bytes) -> bytes:
    """One of them: its id, and the SHA-256 of its bytes."""
    return b'["%b","%b"]' % (
        b2a_base64(event_id.bytes, newline=False)[:_ID_SIGNS], b2a_base64(digest, newline=False)[:_DIGEST_SIGNS],
    )  # fmt: skip


@lru_cache(4096)
def written_id(text: str) -> bytes:
    """An id as it stands in an event: canonical UUID text as 22 signs, other text after ``=``."""
    if not text:
        return NOBODY
    if not _UUID.fullmatch(text):
        return _written("=" + text)
    return id_mark(bytes.fromhex(text.replace("-", "")))


def id_mark(sixteen: bytes) -> bytes:
    """A UUID's sixteen bytes as it stands in an event."""
    return b'"%b"' % b2a_base64(sixteen, newline=False)[:_ID_SIGNS]
