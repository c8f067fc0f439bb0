"""What an accepted application ends in: 平台直接提供, 同意 or 不同意."""

from dataclasses import replace

from gateway.audit import EventType
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.form import SignOff
from gateway.authz.applications.model import Application, Route, State
from gateway.authz.applications.narrowing import Narrowed, widenings
from gateway.authz.applications.refusals import check_route
from gateway.authz.grants.model import Terms
from gateway.authz.grants.service import Basis, Grants
from gateway.catalog import Resource
from gateway.errors import Invalid
from gateway.identity import Role
from gateway.names import ApplicationId, ServiceName
from gateway.storage import Connection
from gateway.web import Principal


class Decisions:
    """The acts that grant or refuse; a grant is issued in the transaction of the act it follows from."""

    def __init__(self, work: Casework, grants: Grants) -> None:
        self._work = work
        self._grants = grants

    async def provide(self, actor: Principal, application: ApplicationId) -> Standing:
        """平台直接提供: the platform issues the grant as asked.

        Raises:
            WrongRoute: the application goes to the department.
            ApplicationNotInState, SelfApproval.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "provide")
            check_route(before, Route.DIRECT)
            now = work.now()
            after = replace(before, state=State.PROVIDED, provided_at=now, decided_by=actor.id, closed_at=now)
            moved = await self._decided(
                tx, EventType.APPLICATION_PROVIDED, actor, Role.PLATFORM_ADMIN, after, resource
            )
            await self._grant(tx, actor, Role.PLATFORM_ADMIN, moved, resource, before.form.terms())
            return await work.keep_clocks(tx, application)

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
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "approve")
            check_route(before, Route.DEPARTMENT)
            asked = before.form.terms()
            if faults := widenings(narrowed, asked, resource.description):
                raise Invalid(*faults)
            terms = narrowed.applied_to(asked)
            decision: dict[str, object] = {
                "approved": True,
                "opinion": opinion,
                "sign_off": sign_off.model_dump(mode="json"),
                "narrowed": narrowed.model_dump(mode="json", exclude_none=True),
                "not_granted": [name for name in asked.fields if name not in terms.fields],
            }
            after = self._closed(before, State.APPROVED, decision, actor)
            moved = await self._decided(
                tx, EventType.APPLICATION_APPROVED, actor, Role.PROVIDER, after, resource
            )
            await self._grant(tx, actor, Role.PROVIDER, moved, resource, terms)
            return await work.keep_clocks(tx, application)

    async def refuse(
        self, actor: Principal, application: ApplicationId, reason: str, explanation: str, sign_off: SignOff
    ) -> Standing:
        """The provider does not agree; the reason is mandatory (Decree 809 Art. 21).

        Raises:
            WrongRoute, ApplicationNotInState, SelfApproval.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "refuse")
            check_route(before, Route.DEPARTMENT)
            decision: dict[str, object] = {
                "approved": False,
                "reason": reason,
                "explanation": explanation,
                "sign_off": sign_off.model_dump(mode="json"),
            }
            after = self._closed(before, State.REFUSED, decision, actor)
            await self._decided(tx, EventType.APPLICATION_REFUSED, actor, Role.PROVIDER, after, resource)
            return await work.keep_clocks(tx, application)

    def _closed(
        self, before: Application, state: State, decision: dict[str, object], actor: Principal
    ) -> Application:
        now = self._work.now()
        return replace(
            before, state=state, decision=decision, decided_by=actor.id, decided_at=now, closed_at=now
        )

    async def _decided(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, resource: Resource
    ) -> Application:  # fmt: skip
        if after.state is not State.REFUSED:
            await self._work.catalog.published(tx, resource.id)
        return await self._work.step(tx, kind, actor, role, after, resource, decision=after.decision)

    async def _grant(
        self, tx: Connection, actor: Principal, role: Role, moved: Application, resource: Resource, terms: Terms
    ) -> None:  # fmt: skip
        basis = Basis(
            application_id=moved.id, consumer_org=moved.consumer_org, provider_org=moved.provider_org,
            client_id=moved.client_id, resource_id=resource.id, resource_code=resource.description.code,
            service=ServiceName(resource.description.service), purpose=moved.form.purpose, cause=moved.cause,
        )  # fmt: skip
        await self._grants.issue(tx, actor, role, basis, terms)
