"""The conformity review of an application (规范性审查) by the platform: 受理 or 不予受理."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.audit import EventType
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.model import Application
from gateway.authz.applications.moves import MOVES
from gateway.authz.applications.refusals import check_told, check_version, still_incomplete
from gateway.deadlines import local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.web import Principal


class Reviews:
    """The platform's review (132号 item 22)."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def review(
        self,
        actor: Principal,
        application: ApplicationId,
        accept: bool,
        reasons: list[dict[str, Any]],
        opinion: str | None,
        form_version: int,
    ) -> Standing:
        """受理, or 不予受理 with reasons.

        Raises:
            Invalid: not accepted without a reason, or accepted with one.
            Amended: the form has another version than the one reviewed.
            StillIncomplete: parts are missing, so it cannot be accepted.
            NotToldYet: parts are missing and that was not told (Decree 809 Art. 21).
            SealMissing, SealUnproven: accepted although a rule asks for the requester's seal.
            ApplicationNotInState, SelfApproval.
        """
        _check_reasons(accept, bool(reasons))
        act, kind = (
            ("accept", EventType.APPLICATION_ACCEPTED)
            if accept
            else ("not_accept", EventType.APPLICATION_NOT_ACCEPTED)
        )
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, act)
            check_version(before, form_version)
            now = work.now()
            _check_complete(before, accept, now)
            if accept:
                await work.seals.check_application(tx, before, resource)
            review = {
                "accepted": accept,
                "reasons": reasons,
                "opinion": opinion,
                "form_version": form_version,
            }
            after = replace(
                before,
                state=MOVES[act].leads_to(before.state),
                review=review,
                reviewed_by=actor.id,
                reviewed_at=now,
                closed_at=None if accept else now,
            )
            await work.step(tx, kind, actor, Role.PLATFORM_ADMIN, after, resource, reasons=reasons)
            return await work.keep_clocks(tx, application)


def _check_complete(before: Application, accept: bool, now: datetime) -> None:
    if not accept:
        check_told(before, local_day(now))
    elif before.form.missing():
        raise still_incomplete(before.form)


def _check_reasons(accept: bool, given: bool) -> None:
    if accept == given:
        raise Invalid(
            FieldFault(
                "/reasons",
                "give reasons exactly when the application is not accepted",
                "仅不予受理时须填写原因",
            )
        )
