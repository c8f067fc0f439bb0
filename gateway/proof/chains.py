"""The chain behind a response: which grant allowed it, who approved that on which application, and what was sealed.

Every event names those it follows from with their digests. The events given here were proven to be in the log; a link whose
digest is another one is refused, and a link that leads to none of them is told, never passed over.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .pack_rows import Row
from .refusal import Refused

RESPONSE: Final = "call.released"
_INTENT: Final = "call.intended"
_GRANT: Final = "grant.issued"
_DECISIONS: Final = frozenset({"application.approved", "application.provided"})
_FILED: Final = "application.filed"
_STAMP: Final = "stamp.filed"
_MANY: Final = ("call.", "token.")
_FURTHEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """What stands behind one response; each member is an event's row, or None where the chain does not hold one.

    Args:
        stamps: 电子签章 filed on the application or its decision and found valid then.
        missing: ids of events that a link names and nobody gave.
    """

    response: Row
    intent: Row | None
    grant: Row | None
    decision: Row | None
    application: Row | None
    stamps: tuple[Row, ...]
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it leads from the response to the application."""
        return None not in (self.intent, self.grant, self.decision, self.application) and not self.missing


@dataclass(slots=True)
class Events:
    """Rows by the event's id; the stamps by the application they are on; how many responses there were."""

    by_id: dict[str, Row] = field(default_factory=dict)
    stamps: dict[str, list[Row]] = field(default_factory=dict)
    responses: int = 0

    def add(self, row: Row) -> None:
        """Take a row, but none of a call or a token: of those there may be millions, see :func:`trace`."""
        kind = (row.said or {}).get("type")
        self.responses += kind == RESPONSE
        if not str(kind).startswith(_MANY):
            self.keep(row)

    def keep(self, row: Row) -> None:
        """Take a row whatever it is; of one id the first counts, as in the log."""
        if row.said is None or not isinstance(row.said.get("id"), str):
            return
        self.by_id.setdefault(row.said["id"], row)
        if row.said.get("type") == _STAMP:
            self.stamps.setdefault(str(row.said.get("application_id")), []).append(row)

    def chain(self, response: Row) -> Chain:
        """What stands behind a response.

        Raises:
            Refused: an event is not the one that a later one names.
        """
        found, missing = self._behind(response)
        application = _first(found, {_FILED})
        asked = str((application.said or {}).get("application_id")) if application else ""
        digests = {said(row, "document_sm3") for row in found if said(row, "document_sm3")}
        stamps = [
            row
            for row in self.stamps.get(asked, ())
            if said(row, "verdict") == "valid" and said(row, "document_sm3") in digests
        ]
        return Chain(
            response, _first(found, {_INTENT}), _first(found, {_GRANT}), _first(found, _DECISIONS), application,
            tuple(stamps), tuple(missing),
        )  # fmt: skip

    def _behind(self, row: Row) -> tuple[list[Row], list[str]]:
        found, missing, waiting, seen = list[Row](), list[str](), [row], set[str]()
        while waiting and len(seen) < _FURTHEST:
            at = waiting.pop(0)
            for link in causes_of(at):
                if link["id"] in seen:
                    continue
                seen.add(link["id"])
                cause = self.by_id.get(link["id"])
                if cause is None:
                    missing.append(link["id"])
                    continue
                if cause.event is None or hashlib.sha256(cause.event).hexdigest() != link["sha256"]:
                    raise Refused(
                        "cause", f"the record {at.stub.idx} follows from another event {link['id']}",
                        f"第 {at.stub.idx} 号记录所依据的事件 {link['id']} 与所示不符",
                    )  # fmt: skip
                found.append(cause)
                waiting.append(cause)
        return found, missing


def trace(events: Events, rows: Callable[[], Iterable[Row]], wanted: str) -> Chain:
    """The chain of one response among many.

    Args:
        events: what was kept of the rows already.
        rows: gives all rows anew, each time it is called.
        wanted: event id or request id of the response.

    Raises:
        Refused: no row is that response, or an event is not the one that a later one names.
    """
    response = next((row for row in rows() if _is_response(row, wanted)), None)
    if response is None:
        raise Refused("response", f"no response {wanted} is shown", f"未见编号为 {wanted} 的应答")
    near = {link["id"] for link in causes_of(response)}
    for row in rows():
        if row.said is not None and row.said.get("id") in near:
            events.keep(row)
    return events.chain(response)


def _is_response(row: Row, wanted: str) -> bool:
    event = row.said or {}
    return event.get("type") == RESPONSE and wanted in (event.get("id"), event.get("request_id"))


def causes_of(row: Row) -> list[dict[str, str]]:
    """The links of an event: ``id`` and ``sha256`` of each it follows from."""
    links = (row.said or {}).get("cause", [])
    return [
        one for one in (links if isinstance(links, list) else []) if isinstance(one, dict) and {"id", "sha256"} <= one.keys()
    ]  # fmt: skip


def said(row: Row | None, name: str) -> Any:
    """A member of an event's ``detail``."""
    detail: Any = (row.said or {}).get("detail") if row else None
    return detail.get(name) if isinstance(detail, Mapping) else None


def _first(found: list[Row], kinds: set[str] | frozenset[str]) -> Row | None:
    return next((row for row in found if row.said and row.said.get("type") in kinds), None)
