"""JSON shapes of chains."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.audit.chain.model import Chain, LinkState, Step
from gateway.audit.wire import RecordShown, record_shown
from gateway.web import Model, PageQuery


class ChainQuery(PageQuery):
    """A page of what followed."""


class LinkShown(Model):
    """A cause as the later event names it, and whether the bytes in the ledger have this SHA-256."""

    event_id: UUID
    sha256: str
    state: LinkState


class StepShown(Model):
    """A record and its links to what it follows from."""

    record: RecordShown
    links: list[LinkShown]


class BackShown(StepShown):
    """What the beginning follows from; ``distance`` counts the links between."""

    distance: Annotated[int, Field(ge=1)]


class ForwardShown(StepShown):
    """A later record about the same thing; ``follows`` says whether its links lead back to the beginning."""

    follows: bool


class ChainShown(Model):
    """The chain of a record: what it follows from, nearest first, and a page of what came after, oldest first.

    ``whole`` says that no link shown is broken.
    """

    start: StepShown
    whole: bool
    back: list[BackShown]
    forward: list[ForwardShown]
    next_cursor: str | None = None


def chain_shown(chain: Chain, next_cursor: str | None) -> ChainShown:
    """A chain as JSON."""
    return ChainShown(
        start=StepShown(record=record_shown(chain.start.record), links=_links(chain.start)),
        whole=chain.is_whole,
        back=[
            BackShown(record=record_shown(step.record), links=_links(step), distance=step.distance)
            for step in chain.back
        ],
        forward=[
            ForwardShown(record=record_shown(step.record), links=_links(step), follows=step.follows)
            for step in chain.forward
        ],
        next_cursor=next_cursor,
    )


def _links(step: Step) -> list[LinkShown]:
    return [LinkShown(event_id=link.event_id, sha256=link.sha256, state=link.state) for link in step.links]
