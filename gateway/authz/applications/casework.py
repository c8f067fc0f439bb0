"""What every act on an application shares: find and lock it, check the step, record it, keep its clocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.audit import AuditLog, Event, EventType
from gateway.authz.applications import store
from gateway.authz.applications.clocks import Clocks
from gateway.authz.applications.evidence import application_event
from gateway.authz.applications.ground import Ground, same_scene
from gateway.authz.applications.informing import informed
from gateway.authz.applications.model import Application, Route, State, route_of
from gateway.authz.applications.moves import MOVES, REQUESTER
from gateway.authz.applications.parties import case_of, may_act
from gateway.authz.applications.refusals import ApplicationNotInState, unknown
from gateway.authz.applications.sealed import Sealed, SealGate
from gateway.authz.timing import store as timing
from gateway.catalog import Catalog, Resource, SelfApproval
from gateway.deadlines import Clock, local_day
from gateway.identity import Role
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.storage import Connection, Database
from gateway.supervision import keep, tell
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """An application with everything that says how it stands."""

    application: Application
    resource: Resource
    clocks: list[Clock]
    grant_id: GrantId | None
    ground: Ground | None = None
    seals: tuple[Sealed, ...] = ()


class Casework:
    """The steps common to all acts.

    ``now`` gives the present instant with its zone; ``platform`` does the reviews; ``seals`` is the gate of 用印.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        catalog: Catalog,
        clocks: Clocks,
        now: Callable[[], datetime],
        platform: OrgCode,
        seals: SealGate,
    ) -> None:
        self.seals = seals
        self.database = database
        self.log = log
        self.catalog = catalog
        self.clocks = clocks
        self.now = now
        self.platform = platform

    async def at_step(
        self, tx: Connection, actor: Principal, application: ApplicationId, act: str, *, said: str = ""
    ) -> tuple[Application, Resource]:
        """The application, locked, if the actor may do this act on it now.

        Args:
            said: what a refusal calls the act, where it is another one possible at the same step.

        Raises:
            NoSuchApplication: also for departments that are no party to it.
            ApplicationNotInState: not by :data:`MOVES`.
            SelfApproval: the actor wrote a version of its form.
        """
        before = await store.lock(tx, application)
        if before is None or not may_act(actor, before, act):
            raise unknown(application)
        if before.state not in MOVES[act].before:
            raise ApplicationNotInState(
                f"{said or act} is not possible while the application is {before.state}",
                f"申请状态为 {before.state}，不能执行 {said or act}",
                state=before.state,
            )
        if MOVES[act].by != REQUESTER and actor.id in before.writers:
            raise SelfApproval(
                "whoever filed or amended an application may not act on it", "申请人不得办理本人提交的申请"
            )
        acts = await timing.acts_of(tx, application)
        return replace(before, acts=acts), await self.catalog.at(tx, before.resource_id)

    async def step(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, resource: Resource,
        **detail: Any,
    ) -> Application:  # fmt: skip
        """Record a step and store the application after it."""
        moved = replace(after, version=after.version + 1)
        written = await self.log.emit(tx, self.event(kind, actor, role, moved, resource, **detail))
        await store.move(tx, moved, written)
        await self.inform(tx, kind, moved, resource)
        return replace(moved, cause=written.cause)

    async def inform(self, tx: Connection, kind: EventType, at: Application, resource: Resource) -> None:
        """Tell the departments the step concerns."""
        for told in informed(kind, at, resource, self.platform):
            await tell(tx, told, self.now())

    async def keep_clocks(self, tx: Connection, application: ApplicationId) -> Standing:
        """Store the clocks as they stand after a step."""
        standing = await self.standing(tx, application)
        await keep(tx, case_of(standing.application, standing.resource, self.platform), standing.clocks)
        return standing

    async def standing(self, tx: Connection, application: ApplicationId) -> Standing:
        """How an application stands, whoever asks.

        Raises:
            NoSuchApplication.
        """
        found = await store.find(tx, application)
        if found is None:
            raise unknown(application)
        resource = await self.catalog.at(tx, found.resource_id)
        found = replace(found, acts=await timing.acts_of(tx, application))
        clocks = self.clocks.of(found, self.now())
        return Standing(
            found,
            resource,
            clocks,
            await store.grant_of(tx, application),
            await self.ground(tx, found, resource),
            await self.seals.standing(tx, found, resource),
        )

    async def ground(self, tx: Connection, one: Application, resource: Resource) -> Ground | None:
        """On what the platform may answer a complete, never amended application at once; None if on nothing.

        An amended one is reviewed by its version first: nobody answers what he has not seen.
        """
        if one.state is not State.FILED or one.form.missing() or one.form_version > 1 or one.awaits_requester:
            return None
        if one.route is Route.DIRECT and route_of(resource.description) is Route.DIRECT:
            given = await store.authorisation_of(tx, one.resource_id)
            return given.ground() if given else None
        return same_scene(await store.decided_for(tx, one), one.form, local_day(self.now()))

    def event(
        self,
        kind: EventType,
        actor: Principal,
        role: Role,
        at: Application,
        resource: Resource,
        **detail: Any,
    ) -> Event:
        """The audit record of a step."""
        clocks = self.clocks.of(at, self.now())
        return application_event(kind, actor, role, at, resource, clocks, self.clocks.rest_day, **detail)
