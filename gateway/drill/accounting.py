"""What became of the calls of one fault, from three sides: the callers, the provider, and the log itself."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.drill.callers import Outcome, records_of
from gateway.drill.provider import SECRETS

_ENDINGS: Final = ("call.released", "call.refused", "call.failed")
_UNSAID: Final = "call.delivered"
GRANTED_FIELDS: Final = frozenset({"uscc", "name", "legal_person", "phone", "filler"})


@dataclass(slots=True)
class Log:
    """The ledger as a dump shows it: event ids, and the kinds of records of each request."""

    events: set[str] = field(default_factory=set)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, dump: Path) -> "Log":
        """Read a file written by ``./gw audit dump``."""
        log = cls()
        with dump.open("rb") as lines:
            for line in lines:
                record = json.loads(line).get("record")
                if record is not None:
                    log.events.add(str(record["event_id"]))
                    log.kinds.setdefault(str(record["request_id"]), Counter())[str(record["type"])] += 1
        return log

    @property
    def calls(self) -> int:
        """Records of calls; a look at the log leaves records of other kinds."""
        return sum(
            number
            for kinds in self.kinds.values()
            for kind, number in kinds.items()
            if kind.startswith("call.")
        )

    def has(self, request_id: str, kind: str) -> bool:
        """Whether a request left a record of that kind."""
        return self.kinds.get(request_id, Counter())[kind] > 0


@dataclass(frozen=True, slots=True)
class Row:
    """One fault of the drill's table.

    Attributes:
        lost: receipts given, in this fault or before, whose record the log does not hold.
        unaudited: answers without both their records, and questions without the first.
        over_quota: answers beyond the grant.
        leaked: answers that show a field outside the grant, or anything of the provider in a refusal.
        doubled: requests with more than one ending.
        open: requests whose ending nobody could record because the process was killed.
    """

    name: str
    calls: int
    released: int
    lost: int
    unaudited: int
    over_quota: int
    leaked: int
    doubled: int
    open: int
    note: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether every invariant held."""
        return not (self.lost or self.unaudited or self.over_quota or self.leaked or self.doubled)

    def shown(self) -> dict[str, Any]:
        """As JSON's values."""
        return {
            "name": self.name, "calls": self.calls, "released": self.released, "lost": self.lost,
            "unaudited": self.unaudited, "over_quota": self.over_quota, "leaked": self.leaked, "doubled": self.doubled,
            "open": self.open, "note": self.note,
        }  # fmt: skip


def accounted(
    name: str,
    outcomes: Sequence[Outcome],
    asked: Iterable[str],
    receipts: Iterable[str],
    log: Log,
    quota: int | None = None,
    note: str = "",
) -> Row:
    """The row of one fault.

    Args:
        asked: request ids the provider saw meanwhile.
        receipts: all receipts given since the drill began.
        quota: what the grant allows, where that was put to the test.
    """
    released = [one for one in outcomes if one.status == 200 and one.whole]
    broken = [one for one in outcomes if one.status == 200 and not one.whole]
    questions = list(asked)
    unaudited = {one.request_id for one in [*released, *broken] if not _audited(one.request_id, log)}
    unaudited |= {one for one in questions if not log.has(one, "call.intended")}
    seen = {one.request_id for one in outcomes if one.request_id} | set(questions)
    endings = {one: _endings(log.kinds.get(one, Counter())) for one in seen}
    return Row(
        name,
        calls=len(outcomes),
        released=len(released),
        lost=len(set(receipts) - log.events),
        unaudited=len(unaudited),
        over_quota=0 if quota is None else max(0, len(released) - quota),
        leaked=sum(map(_leaks, outcomes)),
        doubled=sum(number > 1 for number in endings.values()),
        open=sum(log.has(one, "call.intended") and not number for one, number in endings.items()),
        note=note,
    )


def _audited(request_id: str, log: Log) -> bool:
    return log.has(request_id, "call.intended") and log.has(request_id, "call.released")


def _endings(kinds: Counter[str]) -> int:
    """Endings of one request; "it may not have left" beside a release is the same one, told twice."""
    endings = sum(kinds[kind] for kind in _ENDINGS)
    return max(endings, kinds[_UNSAID])


def _leaks(outcome: Outcome) -> bool:
    if any(secret.encode() in outcome.body for secret in SECRETS):
        return True
    if outcome.status != 200 or not outcome.whole:
        return False
    return any(set(record) - GRANTED_FIELDS for record in records_of(outcome))
