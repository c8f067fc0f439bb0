"""Filing an application (提出共享申请)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.documents import application_document
from gateway.authz.applications.evidence import not_shareable_event
from gateway.authz.applications.form import Form, form_faults, missing_faults
from gateway.authz.applications.ground import StandingAuthorisation
from gateway.authz.applications.model import Application, Route, State, Version, route_of
from gateway.authz.applications.refusals import NotShared, not_shared
from gateway.catalog import Resource
from gateway.deadlines import Clock, local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, new_id
from gateway.sealing.rules import Kind, Rule
from gateway.storage import Connection, Once, claim
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Preview:
    """What will happen to an application filed today."""

    resource: Resource
    route: Route
    clocks: list[Clock]
    authorisation: StandingAuthorisation | None
    today: date
    seals: dict[Kind, Rule]


class Filing:
    """What a requester does until the application is filed."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def preview(self, resource_id: ResourceId) -> Preview:
        """Before filing: the route, who decides, and the clocks an application filed now would have.

        Raises:
            NotShared: there is no route; the legal basis is in the problem.
        """
        work = self._work
        async with work.database.connection() as connection:
            resource = await work.catalog.published(connection, resource_id)
            route = _route(resource)
            authorisation = await store.authorisation_of(connection, resource_id)
        clocks = work.clocks.preview(route, resource.description.sharing_class, work.now())
        in_force = authorisation if route is Route.DIRECT else None
        return Preview(resource, route, clocks, in_force, local_day(work.now()), work.seals.asking(resource))

    async def file(
        self,
        actor: Principal,
        form: Form,
        incomplete: bool,
        once: Once | None,
        request_id: str,
        renews: GrantId | None = None,
    ) -> Standing:
        """File an application of the actor's department (Decree 809 Art. 20).

        Args:
            incomplete: file it although parts are missing; the clocks run, and what is missing is told by a notice.

        Raises:
            NotShared: the resource is 不予共享; recorded.
            Invalid: parts are missing, the form does not fit the resource, or the client is another department's.
        """
        work = self._work
        new, now = ApplicationId(new_id()), work.now()
        try:
            async with work.database.transaction() as tx:
                if earlier := await claim(tx, once, new):
                    return await work.standing(tx, ApplicationId(earlier))
                resource = await work.catalog.published(tx, ResourceId(form.resource_id))
                route = _route(resource)
                await checked(tx, actor.org, form, resource, incomplete, now)
                application = self._filed(new, actor, OrgCode(actor.org), form, resource, route, now)
                return await self._put(tx, actor, replace(application, renews=renews), resource)
        except NotShared:
            await work.log.append(not_shareable_event(actor, form, resource, request_id))
            raise

    async def put_for(
        self, tx: Connection, actor: Principal, org: OrgCode, form: Form, resource: Resource, **detail: str
    ) -> Standing:
        """File a checked form for another department, inside the transaction of a bulk request."""
        new, now = ApplicationId(new_id()), self._work.now()
        application = self._filed(new, actor, org, form, resource, _route(resource), now)
        return await self._put(tx, actor, application, resource, **detail)

    async def _put(
        self, tx: Connection, actor: Principal, one: Application, resource: Resource, **detail: str
    ) -> Standing:
        work = self._work
        document = application_document(one, resource.description.code)
        event = work.event(
            EventType.APPLICATION_FILED,
            actor,
            Role.REQUESTER,
            one,
            resource,
            missing=one.form.missing(),
            **document.digests(),
            **detail,
        )
        written = await work.log.emit(tx, event)
        await store.add(tx, replace(one, cause=written.cause))
        await work.inform(tx, EventType.APPLICATION_FILED, one, resource)
        await store.add_version(tx, one.id, Version(1, one.form, None, actor.id, one.filed_at), document)
        return await work.keep_clocks(tx, one.id)

    def _filed(
        self,
        new: ApplicationId,
        actor: Principal,
        org: OrgCode,
        form: Form,
        resource: Resource,
        route: Route,
        now: datetime,
    ) -> Application:
        return Application(
            id=new, resource_id=resource.id, resource_version=resource.version, consumer_org=org,
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


async def checked(
    tx: Connection, org: str, form: Form, resource: Resource, incomplete: bool, now: datetime
) -> None:
    """Check a form that the department ``org`` sends in.

    Raises:
        Invalid: it does not fit the resource, names another department's system, or lacks parts unless ``incomplete``.
    """
    if faults := await faults_of(tx, org, form, resource, incomplete, now):
        raise Invalid(*faults)


async def faults_of(
    tx: Connection, org: str, form: Form, resource: Resource, incomplete: bool, now: datetime
) -> list[FieldFault]:
    """Everything that is wrong with a form of the department ``org``."""
    faults = [] if incomplete else missing_faults(form)
    faults += form_faults(form, resource.description, local_day(now))
    if resource.provider_org == org:
        faults.append(
            FieldFault("/resource_id", "this is your own department's data", "这是本部门的数据，无须申请共享")
        )
    if not await store.is_client_of(tx, ClientId(form.client), org):
        faults.append(
            FieldFault(
                "/client",
                "not an active application system of your department; ask the security administrator to register it",
                "不是本部门有效的应用系统，请核对编号或联系安全管理员登记",
            )
        )
    return faults
