"""Standing authorisation (平台授权): a provider lets the platform answer for an unconditional resource (132号 item 22).

It is how one working day for the reply can be kept although the review alone takes longer (Decree 809 Art. 21).
"""

from datetime import date

from gateway.audit import Event, EventType, Outcome
from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework
from gateway.authz.applications.form import SignOff, sign_off_fault
from gateway.authz.applications.ground import StandingAuthorisation
from gateway.authz.applications.model import Route, route_of
from gateway.authz.applications.refusals import NoStandingAuthorisation, NotForStanding
from gateway.catalog import NoSuchResource, Resource
from gateway.deadlines import local_day
from gateway.errors import Invalid
from gateway.identity import Role, who
from gateway.names import ResourceId, new_id
from gateway.storage import Connection
from gateway.web import Principal


class Authorisations:
    """What a provider's people do for their own resources."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def give(
        self, actor: Principal, resource_id: ResourceId, scope: str, sign_off: SignOff
    ) -> StandingAuthorisation:
        """Authorise the platform; the one given before, if any, stands no longer.

        Raises:
            NotForStanding: the resource has conditions or controlled parameters, so its department decides.
            Invalid: a sign-off of tomorrow.
            NoSuchResource: also for other departments' resources.
        """
        work = self._work
        async with work.database.transaction() as tx:
            resource = await self._own(tx, actor, resource_id)
            if route_of(resource.description) is not Route.DIRECT:
                raise NotForStanding(
                    "only unconditional resources without controlled parameters",
                    "仅限无条件共享且无管控参数的资源",
                )
            _check(sign_off, local_day(work.now()))
            given = StandingAuthorisation(
                new_id(), resource.id, resource.provider_org, scope, sign_off, actor.id, work.now()
            )
            await store.end_authorisation(tx, resource.id, actor.id, work.now())
            await work.log.emit(tx, _event(EventType.STANDING_GIVEN, actor, resource, str(given.id), scope))
            await store.add_authorisation(tx, given)
            return given

    async def end(self, actor: Principal, resource_id: ResourceId, because: str) -> StandingAuthorisation:
        """Take it back; what was provided under it stays.

        Raises:
            NoStandingAuthorisation.
            NoSuchResource: also for other departments' resources.
        """
        work = self._work
        async with work.database.transaction() as tx:
            resource = await self._own(tx, actor, resource_id)
            found = await store.authorisation_of(tx, resource.id)
            if found is None:
                raise NoStandingAuthorisation("there is none in force", "没有有效的平台授权")
            await work.log.emit(tx, _event(EventType.STANDING_ENDED, actor, resource, str(found.id), because))
            await store.end_authorisation(tx, resource.id, actor.id, work.now())
            return found

    async def _own(self, tx: Connection, actor: Principal, resource_id: ResourceId) -> Resource:
        found = await self._work.catalog.published(tx, resource_id)
        if found.provider_org != actor.org:
            raise NoSuchResource(f"no resource {resource_id}", f"没有信息资源 {resource_id}")
        return found


def _check(sign_off: SignOff, today: date) -> None:
    if fault := sign_off_fault(sign_off, today):
        raise Invalid(fault)


def _event(kind: EventType, actor: Principal, resource: Resource, authorisation: str, because: str) -> Event:
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, Role.PROVIDER), provider_org=resource.provider_org,
        object_kind="standing_authorisation", object_id=authorisation, resource=resource.description.code,
        grade=resource.description.grade, detail={"because": because}, cause=(resource.cause,),
    )  # fmt: skip
