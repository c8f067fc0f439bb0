"""JSON shapes of ratings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.quality.ratings.model import Aspect, Rating
from gateway.web import Model, Note, PageQuery


class NewRating(Model):
    """1 非常不满意 to 5 非常满意, what it is about, and why."""

    score: Annotated[int, Field(ge=1, le=5)]
    about: Aspect
    words: Note


class NewRatingAnswer(Model):
    """What the provider found and, for a bad rating, does about it."""

    answer: Note
    measures: Note | None = None


class RatingQuery(PageQuery):
    """A page of ratings; ``unanswered`` shows bad ones without answer only."""

    unanswered: bool = False


class RatingShown(Model):
    """A rating with its answer; ``overdue`` stays once the answer was late."""

    id: UUID
    grant_id: UUID
    month: str
    service: str
    consumer_org: str
    provider_org: str
    score: int
    about: Aspect
    words: str
    rated_by: str
    rated_at: datetime
    bad: bool
    answer_due_at: datetime | None = None
    overdue: bool
    answer: str | None = None
    measures: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Rating, now: datetime) -> "RatingShown":
        return cls(
            id=one.id, grant_id=one.grant_id, month=one.month, service=one.service, consumer_org=one.consumer_org,
            provider_org=one.provider_org, score=one.score, about=one.about, words=one.words,
            rated_by=one.rated_by, rated_at=one.rated_at, bad=one.is_bad, answer_due_at=one.answer_due_at,
            overdue=one.is_overdue(now), answer=one.answer, measures=one.measures,
            answered_by=one.answered_by, answered_at=one.answered_at, audit_id=one.cause.event_id,
        )  # fmt: skip
