"""What each signal's query finds."""

from datetime import datetime

from gateway.authz.signals.model import USE_RECORD_DAYS, Signal, SignalRule
from gateway.names import OrgCode
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.authz.signals")


async def found_by(tx: Connection, rule: SignalRule, now: datetime, platform: OrgCode) -> list[Signal]:
    given = {"now": now, "platform": platform, "use_days": USE_RECORD_DAYS}
    rows = await tx.fetch(_SQL[rule.query], *(given[name] for name in rule.arguments))
    return [Signal(rule, OrgCode(row["org"]), row["kind"], row["subject"], row["since"]) for row in rows]


def text_of(rule: SignalRule) -> str:
    """The query, to be run by whoever wants to reproduce the signal."""
    return _SQL[rule.query]
