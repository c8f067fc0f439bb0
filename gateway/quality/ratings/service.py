"""Acts on ratings: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.authz.grants import Grant, Grants
from gateway.authz.grants.service import NoSuchGrant
from gateway.deadlines import Clockwork, WorkingDays, due, local_day
from gateway.errors import Conflict, NotFound
from gateway.identity import Role, who
from gateway.names import GrantId, new_id
from gateway.quality.ratings import store
from gateway.quality.ratings.model import BAD, Aspect, Rating
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal

_SEE_ALL = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchRating(NotFound):
    """There is no such rating（没有该评价）."""


class AlreadyAnswered(Conflict):
    """The rating is answered（该评价已答复）."""


class Ratings:
    """The acts on ratings.

    Args:
        answer_days: working days a provider has to answer a bad rating; a local choice.
        now: gives the present instant with its zone.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        grants: Grants,
        work: Clockwork,
        answer_days: int,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._grants = grants
        self._work = work
        self._limit = WorkingDays(answer_days)
        self.now = now

    async def rate(
        self, actor: Principal, grant: GrantId, score: int, about: Aspect, words: str, once: Once | None
    ) -> Rating:
        """The using department rates the service of a grant.

        Raises:
            NoSuchGrant: none of the own department.
            AlreadyRated: this month.
        """
        new = new_id()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._seen(tx, actor, earlier)
            held = await self._grants.at(tx, grant)
            if held is None or held.consumer_org != actor.org:
                raise NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")
            rating = self._rating(new, actor, held, score, about, words)
            written = await self._log.emit(tx, _event(EventType.RATING_GIVEN, actor, Role.REQUESTER, rating))
            await store.add(tx, replace(rating, cause=written.cause))
            return await self._seen(tx, actor, new)

    async def answer(self, actor: Principal, rating: UUID, answer: str, measures: str | None) -> Rating:
        """The provider answers; what it does about a bad rating stands in ``measures``.

        Raises:
            NoSuchRating: not of the own department's service.
            AlreadyAnswered, SelfApproval.
        """
        async with self._database.transaction() as tx:
            before = await store.lock(tx, rating)
            if before is None or before.provider_org != actor.org:
                raise _unknown(rating)
            if before.answer is not None:
                raise AlreadyAnswered("an answer stays as it was given", "答复后不得修改")
            after = replace(
                before, answer=answer, measures=measures, answered_by=actor.id, answered_at=self.now()
            )
            event = _event(EventType.RATING_ANSWERED, actor, Role.PROVIDER, after)
            await store.answer(tx, after, await self._log.emit(tx, event))
            return await self._seen(tx, actor, rating)

    async def show(self, actor: Principal, rating: UUID) -> Rating:
        """Raises NoSuchRating, also for departments that are no party to it."""
        async with self._database.connection() as connection:
            return await self._seen(connection, actor, rating)

    async def listed(
        self, actor: Principal, unanswered: bool, after: UUID | None, count: int
    ) -> list[Rating]:
        """Newest first: all for the administrators, those by or of the own department for others."""
        org = None if actor.roles & _SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, org, unanswered, after, count)

    def _rating(
        self, new: UUID, actor: Principal, grant: Grant, score: int, about: Aspect, words: str
    ) -> Rating:
        now = self.now()
        until = None
        if score <= BAD:
            calendar = self._work.almanac.editions.known_at(now)
            until = due(now, self._limit, calendar, self._work.reckoning.rest_day).due_at
        return Rating(
            id=new, grant_id=grant.id, month=f"{local_day(now):%Y-%m}", service=grant.service,
            consumer_org=grant.consumer_org, provider_org=grant.provider_org, score=score, about=about, words=words,
            rated_by=actor.id, rated_at=now, answer_due_at=until, answer=None, measures=None, answered_by=None,
            answered_at=None, cause=grant.cause,
        )  # fmt: skip

    async def _seen(self, tx: Connection, actor: Principal, rating: UUID) -> Rating:
        found = await store.find(tx, rating)
        parties = (found.consumer_org, found.provider_org) if found else ()
        if found is None or not (actor.org in parties or actor.roles & _SEE_ALL):
            raise _unknown(rating)
        return found


def _unknown(rating: UUID) -> NoSuchRating:
    return NoSuchRating(f"no rating {rating}", f"没有评价 {rating}")


def _event(kind: EventType, actor: Principal, role: Role, rating: Rating) -> Event:
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        consumer_org=rating.consumer_org,
        provider_org=rating.provider_org,
        object_kind="rating",
        object_id=str(rating.id),
        resource=rating.service,
        grant_id=str(rating.grant_id),
        detail={"score": rating.score, "about": rating.about, "bad": rating.is_bad},
        cause=(rating.cause,),
    )
