"""JSON shapes of subscriptions, changes and messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.catalog.items import FieldName
from gateway.names import is_secure_url
from gateway.subscriptions.model import Change, ChangeKind, Message, Result, Standing, State, Subscription
from gateway.web import Line, Model, Note, PageQuery


def _secure(text: str) -> str:
    if not is_secure_url(text):
        raise PydanticCustomError("webhook", "must be an https address (http only to this machine itself)")
    return text


class NewSubscription(Model):
    """Where changes go: the webhook of the department's system."""

    url: Annotated[str, StringConstraints(min_length=10, max_length=500), AfterValidator(_secure)]


class SubscriptionShown(Model):
    """A subscription."""

    id: UUID
    grant_id: UUID
    resource_code: str
    consumer_org: str
    provider_org: str
    url: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Subscription) -> "SubscriptionShown":
        return cls(
            id=one.id, grant_id=one.grant_id, resource_code=one.resource_code, consumer_org=one.consumer_org,
            provider_org=one.provider_org, url=one.url, made_by=one.made_by, made_at=one.made_at,
            ended_at=one.ended_at, audit_id=one.cause.event_id,
        )  # fmt: skip


class NewChange(Model):
    """What changed: the parameters a call would ask about it with, and its items by their names in the catalogue, as texts."""

    kind: ChangeKind
    parameters: Annotated[dict[FieldName, Line], Field(min_length=1, max_length=50)]
    record: Annotated[dict[FieldName, Note], Field(min_length=1, max_length=200)]


class ChangeShown(Model):
    """A published change: to how many subscriptions it goes, and from how many their grants withhold it."""

    id: UUID
    resource_code: str
    kind: ChangeKind
    published_at: datetime
    messages: int
    withheld: int
    audit_id: UUID

    @classmethod
    def of(cls, one: Change) -> "ChangeShown":
        return cls(
            id=one.id, resource_code=one.resource_code, kind=one.kind, published_at=one.published_at,
            messages=one.messages, withheld=one.withheld, audit_id=one.cause.event_id,
        )  # fmt: skip


class MessageQuery(PageQuery):
    """A page of messages; ``standing`` says which."""

    standing: Standing = Standing.ALL


class NewFeedback(Model):
    """What came of a message."""

    result: Result
    words: Note


class MessageShown(Model):
    """A message with its clocks; its content goes to the department's system only. ``overdue`` stays once it was late."""

    id: UUID
    change_id: UUID
    subscription_id: UUID
    grant_id: UUID
    resource_code: str
    consumer_org: str
    provider_org: str
    kind: ChangeKind
    fields: list[str]
    published_at: datetime
    claim_due_at: datetime
    feedback_due_at: datetime
    overdue: bool
    state: State
    attempts: int
    last_error: str | None = None
    delivered_at: datetime | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    result: Result | None = None
    words: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Message, now: datetime) -> "MessageShown":
        return cls(
            id=one.id, change_id=one.change_id, subscription_id=one.subscription_id, grant_id=one.grant_id,
            resource_code=one.resource_code, consumer_org=one.consumer_org, provider_org=one.provider_org, kind=one.kind,
            fields=list(one.fields), published_at=one.published_at, claim_due_at=one.claim_due_at,
            feedback_due_at=one.feedback_due_at, overdue=one.is_overdue(now), state=one.state, attempts=one.attempts,
            last_error=one.last_error, delivered_at=one.delivered_at, claimed_by=one.claimed_by,
            claimed_at=one.claimed_at, result=one.result, words=one.words, answered_by=one.answered_by,
            answered_at=one.answered_at, audit_id=one.cause.event_id,
        )  # fmt: skip
