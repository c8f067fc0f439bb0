"""Filing an application (提出共享申请)."""

from dataclasses import replace
from datetime import datetime

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.evidence import not_shareable_event
from gateway.authz.applications.form import Form, form_faults
from gateway.authz.applications.model import Application, Route, State, route_of
from gateway.authz.applications.refusals import NotShared, not_shared
from gateway.catalog import Resource
from gateway.deadlines import Clock, local_day
from gateway.errors import FieldFault, Invalid, NotFound
from gateway.identity import Identity, Role
from gateway.names import ApplicationId, ClientId, OrgCode, ResourceId, new_id
from gateway.storage import Once, claim
from gateway.web import Principal


class Filing:
    """What a requester does until the application is filed."""

    def __init__(self, work: Casework, identity: Identity) -> None:
        self._work = work
        self._identity = identity

    async def preview(self, resource_id: ResourceId) -> tuple[Resource, Route, list[Clock]]:
        """Before filing: the route, and the clocks an application filed now would have.

        Raises:
            NotShared: there is no route; the legal basis is in the problem.
        """
        work = self._work
        async with work.database.connection() as connection:
            resource = await work.catalog.published(connection, resource_id)
        route = _route(resource)
        return resource, route, work.clocks.preview(route, resource.description.sharing_class, work.now())

    async def file(self, actor: Principal, form: Form, once: Once | None, request_id: str) -> Standing:
        """File an application of the actor's department (Decree 809 Art. 20).

        Raises:
            NotShared: the resource is 不予共享; recorded.
            Invalid: the form does not fit the resource, or the client is another department's.
        """
        work = self._work
        new, now = ApplicationId(new_id()), work.now()
        owns_client = await self._owns(actor, ClientId(form.client))
        try:
            async with work.database.transaction() as tx:
                if earlier := await claim(tx, once, new):
                    return await work.standing(tx, ApplicationId(earlier))
                resource = await work.catalog.published(tx, ResourceId(form.resource_id))
                route = _route(resource)
                _check_form(actor, form, resource, owns_client, now)
                application = self._filed(new, actor, form, resource, route, now)
                event = work.event(EventType.APPLICATION_FILED, actor, Role.REQUESTER, application, resource)
                written = await work.log.emit(tx, event)
                await store.add(tx, replace(application, cause=written.cause))
                return await work.keep_clocks(tx, new)
        except NotShared:
            await work.log.append(not_shareable_event(actor, form, resource, request_id))
            raise

    async def _owns(self, actor: Principal, client: ClientId) -> bool:
        """Asked before the transaction: a second connection inside it could wait for itself."""
        try:
            found = await self._identity.client(actor, client)
        except NotFound:
            return False
        return found.active and found.org == actor.org

    def _filed(
        self,
        new: ApplicationId,
        actor: Principal,
        form: Form,
        resource: Resource,
        route: Route,
        now: datetime,
    ) -> Application:
        return Application(
            id=new, resource_id=resource.id, resource_version=resource.version, consumer_org=OrgCode(actor.org),
            provider_org=resource.provider_org, client_id=ClientId(form.client),
            sharing_class=resource.description.sharing_class, route=route, state=State.FILED,
            rule_sets=self._work.clocks.in_force(local_day(now)), form=form, review=None, decision=None,
            filed_by=actor.id, filed_at=now, reviewed_by=None, reviewed_at=None, decided_by=None, decided_at=None,
            provided_at=None, closed_at=None, version=1, cause=resource.cause,
        )  # fmt: skip


def _route(resource: Resource) -> Route:
    route = route_of(resource.description)
    if route is None:
        raise not_shared(resource.description)
    return route


def _check_form(actor: Principal, form: Form, resource: Resource, owns_client: bool, now: datetime) -> None:
    faults = form_faults(form, resource.description, local_day(now))
    if resource.provider_org == actor.org:
        faults.append(
            FieldFault("/resource_id", "this is your own department's data", "不得申请本部门的数据")
        )
    if not owns_client:
        faults.append(
            FieldFault(
                "/client", "not an active application system of your department", "不是本部门有效的应用系统"
            )
        )
    if faults:
        raise Invalid(*faults)
