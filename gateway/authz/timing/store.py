"""Rows of ``authz.clock_act`` and ``authz.extension`` as values; constraint names as refusals."""

from gateway.audit import Cause
from gateway.authz.timing.model import ExtensionPending, ExtensionRequest, ExtensionState
from gateway.catalog import SelfApproval
from gateway.deadlines import Extended, Happening, Paused, PauseReason, Resumed, Transferred, WorkingDays
from gateway.names import ApplicationId
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.authz.timing")
_WRITES = Writes(
    {
        "one_extension_of_a_clock_is_asked_at_a_time": ExtensionPending(
            "an extension of this clock waits for its decision", "该时限的延期申请正在办理"
        ),
        "who_asks_for_an_extension_does_not_decide_it": SelfApproval(
            "whoever asked for an extension may not decide it", "延期申请人不得决定本人提出的延期"
        ),
    }
)


async def acts_of(tx: Connection, application: ApplicationId) -> tuple[Happening, ...]:
    return tuple(_act(row) for row in await tx.fetch(_SQL["acts_of"], application))


async def add_act(
    tx: Connection, application: ApplicationId, act: Happening, done_by: str, cause: Cause
) -> None:
    rule = half_days = reason = basis = origin = target = None
    match act:
        case Paused():
            kind, reason, basis = "paused", act.reason, act.basis
        case Resumed():
            kind = "resumed"
        case Extended():
            kind, rule, basis, half_days = "extended", act.rule, act.basis, int(act.days.count * 2)
        case Transferred():
            kind, basis, origin, target = "transferred", act.basis, act.origin, act.target
        case _:
            raise TypeError(f"{act} is an event of the case, not an act on its clocks")
    await tx.execute(
        _SQL["add_act"], application, kind, act.at, rule, half_days, reason, basis, origin, target, done_by,
        cause.event_id, cause.digest,
    )  # fmt: skip


async def ask(tx: Connection, new: ExtensionRequest) -> None:
    """Raises ExtensionPending."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["ask_extension"], new.id, new.application_id, new.rule, int(new.days.count * 2), new.reason,
            new.notice, new.asked_by, new.asked_at, new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def decide(tx: Connection, after: ExtensionRequest) -> None:
    """Raises SelfApproval."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["decide_extension"], after.id, after.state, after.decided_by, after.decided_at, after.opinion,
            after.told_at, after.cause.event_id, after.cause.digest,
        )  # fmt: skip


async def extensions_of(tx: Connection, application: ApplicationId) -> list[ExtensionRequest]:
    return [_extension(row) for row in await tx.fetch(_SQL["extensions_of"], application)]


def _act(row: Row) -> Happening:
    at = row["at"]
    match row["kind"]:
        case "paused":
            return Paused(at, PauseReason(row["reason"]), row["basis"])
        case "resumed":
            return Resumed(at)
        case "extended":
            return Extended(at, row["rule"], WorkingDays(row["half_days"] / 2), row["done_by"], row["basis"])
        case _:
            return Transferred(at, row["origin"], row["target"], row["basis"])


def _extension(row: Row) -> ExtensionRequest:
    return ExtensionRequest(
        id=row["id"], application_id=ApplicationId(row["application_id"]), rule=row["rule"],
        days=WorkingDays(row["half_days"] / 2), reason=row["reason"], notice=row["notice"], asked_by=row["asked_by"],
        asked_at=row["asked_at"], state=ExtensionState(row["state"]), decided_by=row["decided_by"], decided_at=row["decided_at"],
        opinion=row["opinion"], told_at=row["told_at"], cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
