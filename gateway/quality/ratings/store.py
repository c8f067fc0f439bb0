"""Rows of ``quality.rating`` as values; constraint names as refusals."""

from uuid import UUID

from gateway.audit import Cause, Written
from gateway.catalog import SelfApproval
from gateway.errors import Conflict
from gateway.names import GrantId, OrgCode
from gateway.quality.ratings.model import Aspect, Rating
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.quality.ratings")


class AlreadyRated(Conflict):
    """This grant was rated this month already（本月已评价）."""


_WRITES = Writes(
    {
        "a_grant_is_rated_once_a_month": AlreadyRated("rate it again next month", "请于下月再次评价"),
        "who_rates_does_not_answer": SelfApproval(
            "whoever rated may not answer the rating", "评价人不得答复本人的评价"
        ),
    }
)


async def add(tx: Connection, new: Rating) -> None:
    """Raises AlreadyRated."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_rating"], new.id, new.grant_id, new.month, new.service, new.consumer_org, new.provider_org,
            new.score, new.about, new.words, new.rated_by, new.rated_at, new.answer_due_at, new.cause.event_id,
            new.cause.digest,
        )  # fmt: skip


async def find(tx: Connection, rating: UUID) -> Rating | None:
    row = await tx.fetchrow(_SQL["find_rating"], rating)
    return _rating(row) if row else None


async def lock(tx: Connection, rating: UUID) -> Rating | None:
    row = await tx.fetchrow(_SQL["lock_rating"], rating)
    return _rating(row) if row else None


async def answer(tx: Connection, after: Rating, written: Written) -> None:
    """Raises SelfApproval."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["answer_rating"], after.id, after.answer, after.measures, after.answered_by, after.answered_at,
            written.event_id, written.digest,
        )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, unanswered: bool, after: UUID | None, count: int
) -> list[Rating]:
    return [_rating(row) for row in await tx.fetch(_SQL["list_ratings"], org, unanswered, after, count)]


def _rating(row: Row) -> Rating:
    return Rating(
        id=row["id"],
        grant_id=GrantId(row["grant_id"]),
        month=row["month"],
        service=row["service"],
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        score=row["score"],
        about=Aspect(row["about"]),
        words=row["words"],
        rated_by=row["rated_by"],
        rated_at=row["rated_at"],
        answer_due_at=row["answer_due_at"],
        answer=row["answer"],
        measures=row["measures"],
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )
