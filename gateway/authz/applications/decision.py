"""What an accepted application ends in: 平台直接提供, 同意 or 不同意."""

from dataclasses import dataclass, replace

import orjson

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.answer import Approval, Refusal, changes, refusal_faults
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.documents import Document, decision_document
from gateway.authz.applications.evidence import condition_added_event
from gateway.authz.applications.form import SignOff, sign_off_fault
from gateway.authz.applications.ground import Ground
from gateway.authz.applications.model import Application, Route, State
from gateway.authz.applications.narrowing import widenings
from gateway.authz.applications.refusals import (
    ConditionNotInCatalogue,
    check_condition,
    check_route,
    check_told,
    check_version,
    unknown,
)
from gateway.authz.grants.model import CallRules, Terms
from gateway.authz.grants.service import Basis, Grants
from gateway.catalog import Resource
from gateway.deadlines import local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId, ServiceName
from gateway.storage import Connection
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """A decision before it is taken: as the application keeps it, what is granted (None: nothing), its document."""

    decision: dict[str, object]
    terms: Terms | None
    document: Document


class Decisions:
    """The acts that grant or refuse; a grant is issued in the transaction of the act it follows from."""

    def __init__(self, work: Casework, grants: Grants) -> None:
        self._work = work
        self._grants = grants

    async def provide(self, actor: Principal, application: ApplicationId) -> Standing:
        """平台直接提供: the platform issues the grant as asked.

        After acceptance on the direct route; at once, review included, where :meth:`Casework.ground` finds an earlier
        decision of the provider that covers the application.

        Raises:
            WrongRoute: the application goes to the department.
            SealMissing, SealUnproven: a rule asks for the requester's seal.
            ApplicationNotInState, SelfApproval.
        """
        work = self._work
        async with work.database.transaction() as tx:
            ground = await self._ground(tx, application)
            act = "provide_at_once" if ground else "provide"
            before, resource = await work.at_step(tx, actor, application, act)
            if ground is None:
                check_route(before, Route.DIRECT)
            await work.seals.check_application(tx, before, resource)
            after = self._provided(before, actor, ground)
            moved = await self._decided(
                tx, EventType.APPLICATION_PROVIDED, actor, Role.PLATFORM_ADMIN, after, resource
            )
            await self._grant(
                tx, actor, Role.PLATFORM_ADMIN, moved, resource, _with_rules(before.form.terms(), ground)
            )
            return await work.keep_clocks(tx, application)

    async def _ground(self, tx: Connection, application: ApplicationId) -> Ground | None:
        found = await store.lock(tx, application)
        if found is None:
            raise unknown(application)
        return await self._work.ground(tx, found, await self._work.catalog.at(tx, found.resource_id))

    def _provided(self, before: Application, actor: Principal, ground: Ground | None) -> Application:
        now = self._work.now()
        after = replace(before, state=State.PROVIDED, provided_at=now, decided_by=actor.id, closed_at=now)
        if ground is None:
            return after
        shown = ground.model_dump(mode="json")
        return replace(
            after, reviewed_by=actor.id, reviewed_at=now,
            review={"accepted": True, "reasons": [], "opinion": None, "form_version": before.form_version},
            decision={"approved": True, "ground": shown, "sign_off": ground.sign_off},
        )  # fmt: skip

    async def approve(self, actor: Principal, application: ApplicationId, given: Approval) -> Standing:
        """The provider agrees, possibly to less than was asked; the grant is issued at once.

        Raises:
            Invalid: an approval wider than the application, or a sign-off of tomorrow.
            Amended: the form has another version than the one approved.
            StillIncomplete: parts are missing.
            SealMissing, SealUnproven: a rule asks for the requester's or the provider's seal.
            WrongRoute, ApplicationNotInState, SelfApproval.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "approve")
            drawn = await self.drawn_up(tx, before, resource, given)
            await work.seals.check_application(tx, before, resource)
            after = self._closed(before, State.APPROVED, drawn.decision, actor)
            moved = await self._taken(tx, EventType.APPLICATION_APPROVED, actor, after, resource, drawn)
            assert drawn.terms is not None  # of an approval
            await self._grant(tx, actor, Role.PROVIDER, moved, resource, drawn.terms)
            return await work.keep_clocks(tx, application)

    async def refuse(self, actor: Principal, application: ApplicationId, given: Refusal) -> Standing:
        """The provider does not agree, for a reason with its basis (Decree 809 Art. 21).

        Raises:
            Invalid: the basis, or the condition that is not met, is missing; a sign-off of tomorrow.
            ConditionNotInCatalogue: the condition is the provider's own; recorded (Decree 809 Art. 15, 39).
            NotToldYet: what is missing was not told, or its time is not over.
            SealMissing, SealUnproven: a rule asks for the provider's seal.
            Amended, WrongRoute, ApplicationNotInState, SelfApproval.
        """
        work = self._work
        try:
            async with work.database.transaction() as tx:
                before, resource = await work.at_step(tx, actor, application, "refuse")
                drawn = await self.drawn_up(tx, before, resource, given)
                after = self._closed(before, State.REFUSED, drawn.decision, actor)
                await self._taken(tx, EventType.APPLICATION_REFUSED, actor, after, resource, drawn)
                return await work.keep_clocks(tx, application)
        except ConditionNotInCatalogue:
            await work.log.append(condition_added_event(actor, before, resource, given.condition or ""))
            raise

    async def drawn_up(
        self, tx: Connection, before: Application, resource: Resource, given: Approval | Refusal
    ) -> DrawnUp:
        """A decision checked and written down in its canonical form; taken or drafted by the caller.

        Raises:
            Invalid, Amended, WrongRoute; of a refusal NotToldYet, ConditionNotInCatalogue.
        """
        check_route(before, Route.DEPARTMENT)
        check_version(before, given.form_version)
        if isinstance(given, Approval):
            decision, terms = self._approval(before, resource, given)
        else:
            decision, terms = self._refusal(before, resource, given), None
        applied, _ = await store.document_digests(tx, before)
        document = decision_document(before, resource.description.code, applied, decision, terms)
        return DrawnUp(decision, terms, document)

    def _approval(
        self, before: Application, resource: Resource, given: Approval
    ) -> tuple[dict[str, object], Terms]:
        asked = before.form.terms()
        self._check(widenings(given.narrowed, asked, resource.description), given.sign_off)
        terms = given.narrowed.applied_to(asked)
        differences = changes(asked, terms, resource.description)
        decision: dict[str, object] = {
            "approved": True,
            "opinion": given.opinion,
            "sign_off": given.sign_off.model_dump(mode="json"),
            "narrowed": given.narrowed.model_dump(mode="json", exclude_none=True),
            "not_granted": [name for name in asked.fields if name not in terms.fields],
            "changes": [change.model_dump(mode="json") for change in differences],
            "form_version": before.form_version,
        }
        return decision, terms

    def _refusal(self, before: Application, resource: Resource, given: Refusal) -> dict[str, object]:
        check_told(before, local_day(self._work.now()))
        self._check(refusal_faults(given), given.sign_off)
        check_condition(given, resource.description)
        return {"approved": False, **given.model_dump(mode="json", exclude_none=True)}

    async def _taken(
        self, tx: Connection, kind: EventType, actor: Principal, after: Application, resource: Resource, drawn: DrawnUp
    ) -> Application:  # fmt: skip
        """A provider's decision takes effect, with its document, if it carries the seal it must."""
        work, document = self._work, drawn.document
        await work.seals.check_decision(tx, after, resource, document.sm3)
        moved = await self._decided(tx, kind, actor, Role.PROVIDER, after, resource, **document.digests())
        act = "approve" if drawn.terms else "refuse"
        await store.draft_decision(tx, after.id, act, document, actor.id, work.now())
        await store.take_effect(tx, after.id, document.sm3, work.now())
        return moved

    def _check(self, faults: list[FieldFault], sign_off: SignOff) -> None:
        fault = sign_off_fault(sign_off, local_day(self._work.now()))
        if found := [*faults, *([fault] if fault else [])]:
            raise Invalid(*found)

    def _closed(
        self, before: Application, state: State, decision: dict[str, object], actor: Principal
    ) -> Application:
        now = self._work.now()
        return replace(
            before, state=state, decision=decision, decided_by=actor.id, decided_at=now, closed_at=now
        )

    async def _decided(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, resource: Resource,
        **detail: str,
    ) -> Application:  # fmt: skip
        if after.state is not State.REFUSED:
            await self._work.catalog.published(tx, resource.id)
        return await self._work.step(
            tx, kind, actor, role, after, resource, decision=after.decision, **detail
        )

    async def _grant(
        self, tx: Connection, actor: Principal, role: Role, moved: Application, resource: Resource, terms: Terms
    ) -> None:  # fmt: skip
        basis = Basis(
            application_id=moved.id, consumer_org=moved.consumer_org, provider_org=moved.provider_org,
            client_id=moved.client_id, resource_id=resource.id, resource_code=resource.description.code,
            grade=resource.description.grade,
            service=ServiceName(resource.description.service), purpose=moved.form.purpose, cause=moved.cause,
        )  # fmt: skip
        await self._grants.issue(tx, actor, role, basis, terms)


def _with_rules(asked: Terms, ground: Ground | None) -> Terms:
    """The terms as asked, under the rules of calling the earlier decision set."""
    if ground is None or not ground.rules:
        return asked
    return asked.model_copy(update={"rules": CallRules.model_validate_json(orjson.dumps(ground.rules))})
