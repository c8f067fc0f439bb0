"""Acts on applications: each method is one act, one transaction, one audit record (and one for a grant issued)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType
from gateway.authz.applications import store
from gateway.authz.applications.clocks import Clocks
from gateway.authz.applications.evidence import application_event, not_shareable_event
from gateway.authz.applications.model import (
    MOVES,
    Application,
    Form,
    Narrowed,
    Route,
    SignOff,
    State,
    form_faults,
    route_of,
    widenings,
)
from gateway.authz.applications.parties import SEE_ALL, may_act, may_see
from gateway.authz.applications.refusals import (
    ApplicationNotInState,
    NotShared,
    check_route,
    not_shared,
    unknown,
)
from gateway.authz.grants.model import Terms
from gateway.authz.grants.service import Basis, Grants
from gateway.catalog import Catalog, Resource, SelfApproval
from gateway.deadlines import Clock, local_day
from gateway.errors import FieldFault, Invalid, NotFound
from gateway.identity import Identity, Role
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName, new_id
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """An application with everything that says how it stands."""

    application: Application
    resource: Resource
    clocks: list[Clock]
    grant_id: GrantId | None


class Applications:
    """The acts on applications. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        identity: Identity,
        catalog: Catalog,
        grants: Grants,
        clocks: Clocks,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._identity = identity
        self._catalog = catalog
        self._grants = grants
        self.clocks = clocks
        self._now = now

    async def preview(self, resource_id: ResourceId) -> tuple[Resource, Route, list[Clock]]:
        """Before filing: the route, and the clocks an application filed now would have.

        Raises:
            NotShared: there is no route; the legal basis is in the problem.
        """
        async with self._database.connection() as connection:
            resource = await self._catalog.published(connection, resource_id)
        route = route_of(resource.description)
        if route is None:
            raise not_shared(resource.description)
        return resource, route, self.clocks.preview(route, resource.description.sharing_class, self._now())

    async def file(self, actor: Principal, form: Form, once: Once | None, request_id: str) -> Standing:
        """File an application of the actor's department (Decree 809 Art. 20).

        Raises:
            NotShared: the resource is 不予共享; recorded.
            Invalid: the form does not fit the resource, or the client is another department's.
        """
        new, now = ApplicationId(new_id()), self._now()
        owns_client = await self._owns(actor, ClientId(form.client))
        try:
            async with self._database.transaction() as tx:
                if earlier := await claim(tx, once, new):
                    return await self._standing(tx, ApplicationId(earlier))
                resource = await self._catalog.published(tx, ResourceId(form.resource_id))
                route = route_of(resource.description)
                if route is None:
                    raise not_shared(resource.description)
                _check_form(actor, form, resource, owns_client, now)
                application = self._filed(new, actor, form, resource, route, now)
                event = self._event(EventType.APPLICATION_FILED, actor, Role.REQUESTER, application, resource)
                written = await self._log.emit(tx, event)
                await store.add(tx, replace(application, cause=written.cause))
                return await self._keep_clocks(tx, new)
        except NotShared:
            await self._log.append(not_shareable_event(actor, form, resource, request_id))
            raise

    async def review(
        self,
        actor: Principal,
        application: ApplicationId,
        accept: bool,
        reasons: list[dict[str, Any]],
        opinion: str | None,
    ) -> Standing:
        """规范性审查 by the platform: 受理, or 不予受理 with reasons.

        Raises:
            Invalid: not accepted without a reason, or accepted with one.
            ApplicationNotInState, SelfApproval.
        """
        if accept == bool(reasons):
            raise Invalid(
                FieldFault(
                    "/reasons",
                    "give reasons exactly when the application is not accepted",
                    "仅不予受理时须填写原因",
                )
            )
        act, kind = (
            ("accept", EventType.APPLICATION_ACCEPTED)
            if accept
            else ("not_accept", EventType.APPLICATION_NOT_ACCEPTED)
        )
        async with self._database.transaction() as tx:
            before, resource = await self._at_step(tx, actor, application, act)
            now = self._now()
            after = replace(
                before,
                state=MOVES[act][1],
                review={"accepted": accept, "reasons": reasons, "opinion": opinion},
                reviewed_by=actor.id,
                reviewed_at=now,
                closed_at=None if accept else now,
            )
            await self._step(tx, kind, actor, Role.PLATFORM_ADMIN, after, resource, reasons=reasons)
            return await self._keep_clocks(tx, application)

    async def provide(self, actor: Principal, application: ApplicationId) -> Standing:
        """平台直接提供: the platform issues the grant as asked.

        Raises:
            WrongRoute: the application goes to the department.
            ApplicationNotInState, SelfApproval.
        """
        async with self._database.transaction() as tx:
            before, resource = await self._at_step(tx, actor, application, "provide")
            check_route(before, Route.DIRECT)
            now = self._now()
            after = replace(before, state=State.PROVIDED, provided_at=now, decided_by=actor.id, closed_at=now)
            await self._grant(
                tx,
                EventType.APPLICATION_PROVIDED,
                actor,
                Role.PLATFORM_ADMIN,
                after,
                resource,
                before.form.terms(),
            )
            return await self._keep_clocks(tx, application)

    async def approve(
        self,
        actor: Principal,
        application: ApplicationId,
        narrowed: Narrowed,
        opinion: str | None,
        sign_off: SignOff,
    ) -> Standing:
        """The provider agrees, possibly to less than was asked; the grant is issued at once.

        Raises:
            Invalid: an approval wider than the application.
            WrongRoute, ApplicationNotInState, SelfApproval.
        """
        async with self._database.transaction() as tx:
            before, resource = await self._at_step(tx, actor, application, "approve")
            check_route(before, Route.DEPARTMENT)
            asked = before.form.terms()
            if faults := widenings(narrowed, asked, resource.description):
                raise Invalid(*faults)
            terms, now = narrowed.applied_to(asked), self._now()
            decision: dict[str, object] = {
                "approved": True,
                "opinion": opinion,
                "sign_off": sign_off.model_dump(mode="json"),
                "narrowed": narrowed.model_dump(mode="json", exclude_none=True),
                "not_granted": [name for name in asked.fields if name not in terms.fields],
            }
            after = replace(
                before,
                state=State.APPROVED,
                decision=decision,
                decided_by=actor.id,
                decided_at=now,
                closed_at=now,
            )
            await self._grant(
                tx, EventType.APPLICATION_APPROVED, actor, Role.PROVIDER, after, resource, terms
            )
            return await self._keep_clocks(tx, application)

    async def refuse(
        self, actor: Principal, application: ApplicationId, reason: str, explanation: str, sign_off: SignOff
    ) -> Standing:
        """The provider does not agree; the reason is mandatory (Decree 809 Art. 21).

        Raises:
            WrongRoute, ApplicationNotInState, SelfApproval.
        """
        async with self._database.transaction() as tx:
            before, resource = await self._at_step(tx, actor, application, "refuse")
            check_route(before, Route.DEPARTMENT)
            now = self._now()
            decision = {
                "approved": False,
                "reason": reason,
                "explanation": explanation,
                "sign_off": sign_off.model_dump(mode="json"),
            }
            after = replace(
                before,
                state=State.REFUSED,
                decision=decision,
                decided_by=actor.id,
                decided_at=now,
                closed_at=now,
            )
            await self._step(
                tx, EventType.APPLICATION_REFUSED, actor, Role.PROVIDER, after, resource, decision=decision
            )
            return await self._keep_clocks(tx, application)

    async def withdraw(self, actor: Principal, application: ApplicationId, reason: str) -> Standing:
        """The requester takes an open application back.

        Raises:
            ApplicationNotInState.
        """
        async with self._database.transaction() as tx:
            before, resource = await self._at_step(tx, actor, application, "withdraw")
            after = replace(before, state=State.WITHDRAWN, closed_at=self._now())
            await self._step(
                tx, EventType.APPLICATION_WITHDRAWN, actor, Role.REQUESTER, after, resource, because=reason
            )
            return await self._keep_clocks(tx, application)

    async def show(self, actor: Principal, application: ApplicationId) -> Standing:
        """How an application stands. Raises NoSuchApplication, also for departments that are no party to it."""
        async with self._database.connection() as connection:
            standing = await self._standing(connection, application)
        if not may_see(actor, standing.application):
            raise unknown(application)
        return standing

    async def listed(
        self, actor: Principal, state: State | None, after: UUID | None, count: int
    ) -> list[Application]:
        """Newest first: all for administrators; for others those of the own department, and accepted ones to it."""
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, org, state, after, count)

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
            rule_sets=self.clocks.in_force(local_day(now)), form=form, review=None, decision=None,
            filed_by=actor.id, filed_at=now, reviewed_by=None, reviewed_at=None, decided_by=None, decided_at=None,
            provided_at=None, closed_at=None, version=1, cause=resource.cause,
        )  # fmt: skip

    async def _at_step(
        self, tx: Connection, actor: Principal, application: ApplicationId, act: str
    ) -> tuple[Application, Resource]:
        before = await store.lock(tx, application)
        if before is None or not may_act(actor, before, act):
            raise unknown(application)
        allowed, _ = MOVES[act]
        if before.state not in allowed:
            raise ApplicationNotInState(
                f"{act} is not possible while the application is {before.state}",
                f"申请状态为 {before.state}，不能执行 {act}",
                state=before.state,
            )
        if act != "withdraw" and actor.id == before.filed_by:
            raise SelfApproval(
                "whoever filed an application may not act on it", "申请人不得办理本人提交的申请"
            )
        return before, await self._catalog.at(tx, before.resource_id)

    async def _step(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, resource: Resource,
        **detail: Any,
    ) -> Application:  # fmt: skip
        moved = replace(after, version=after.version + 1)
        written = await self._log.emit(tx, self._event(kind, actor, role, moved, resource, **detail))
        await store.move(tx, moved, written)
        return replace(moved, cause=written.cause)

    async def _grant(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, resource: Resource,
        terms: Terms,
    ) -> None:  # fmt: skip
        await self._catalog.published(tx, resource.id)
        moved = await self._step(tx, kind, actor, role, after, resource, decision=after.decision)
        basis = Basis(
            application_id=after.id, consumer_org=after.consumer_org, provider_org=after.provider_org,
            client_id=after.client_id, resource_id=resource.id, resource_code=resource.description.code,
            service=ServiceName(resource.description.service), purpose=after.form.purpose, cause=moved.cause,
        )  # fmt: skip
        await self._grants.issue(tx, actor, role, basis, terms)

    async def _keep_clocks(self, tx: Connection, application: ApplicationId) -> Standing:
        standing = await self._standing(tx, application)
        await store.put_clocks(tx, application, standing.clocks, self.clocks.rest_day)
        return standing

    async def _standing(self, tx: Connection, application: ApplicationId) -> Standing:
        found = await store.find(tx, application)
        if found is None:
            raise unknown(application)
        resource = await self._catalog.at(tx, found.resource_id)
        clocks = self.clocks.of(found, self._now())
        return Standing(found, resource, clocks, await store.grant_of(tx, application))

    def _event(
        self,
        kind: EventType,
        actor: Principal,
        role: Role,
        at: Application,
        resource: Resource,
        **detail: Any,
    ) -> Event:
        clocks = self.clocks.of(at, self._now())
        return application_event(kind, actor, role, at, resource, clocks, self.clocks.rest_day, **detail)


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
