"""一次性告知: saying once and completely what an application lacks (Decree 809 Art. 21)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.model import Application, Route
from gateway.authz.applications.notice import Notice, NoticeItem, complete
from gateway.authz.applications.refusals import ToldAlready, check_route
from gateway.authz.applications.supplement import SupplementRule, rule_on
from gateway.deadlines import due, local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.web import Principal


class Telling:
    """The notice of the side that holds the application: the platform before acceptance, then the provider."""

    def __init__(self, work: Casework, rules: Sequence[SupplementRule]) -> None:
        self._work = work
        self._rules = rules

    async def tell(self, actor: Principal, application: ApplicationId, items: list[NoticeItem]) -> Standing:
        """Give the notice for the version that stands; what the gateway sees missing is put in by itself.

        Raises:
            ToldAlready: this version has its notice.
            Invalid: nothing is missing.
            ApplicationNotInState, SelfApproval.
        """
        work = self._work
        async with work.database.transaction() as tx:
            side = _side(actor, await store.find(tx, application))
            before, resource = await work.at_step(tx, actor, application, _ACTS[side])
            if side is Role.PROVIDER:
                check_route(before, Route.DEPARTMENT)
            if before.notices and before.notices[-1].form_version == before.form_version:
                raise ToldAlready(
                    f"version {before.form_version} has its notice of {before.notices[-1].given_at:%Y-%m-%d}",
                    f"第 {before.form_version} 版已于 {before.notices[-1].given_at:%Y-%m-%d} 告知",
                )
            notice = self._notice(actor, before, complete(items, before.form))
            after = replace(before, notices=(*before.notices, notice))
            await work.step(
                tx, EventType.APPLICATION_NOTICE_GIVEN, actor, side, after, resource,
                form_version=notice.form_version, parts=[item.part for item in notice.items],
                supply_by=notice.supply_by.isoformat(), setting=notice.setting,
            )  # fmt: skip
            return await work.keep_clocks(tx, application)

    def _notice(self, actor: Principal, before: Application, items: list[NoticeItem]) -> Notice:
        if not items:
            raise Invalid(
                FieldFault(
                    "/items", "nothing is missing: say what is", "申请表各项齐全，请列明需要补充的材料"
                )
            )
        now = self._work.now()
        rule, clocks = rule_on(self._rules, local_day(now)), self._work.clocks
        deadline = due(now, rule.limit, clocks.work.almanac.editions.known_at(now), clocks.rest_day)
        return Notice(
            form_version=before.form_version, items=items, given_by=actor.org, given_at=now,
            supply_by=deadline.due_date, limit_days=rule.limit.count, setting=rule.version,
            source=rule.source, source_zh=rule.source_zh,
        )  # fmt: skip


_ACTS: Final = {Role.PLATFORM_ADMIN: "platform_notice", Role.PROVIDER: "provider_notice"}


def _side(actor: Principal, found: Application | None) -> Role:
    """The provider for its own accepted case; otherwise the platform, if the actor is of it."""
    own = found is not None and found.was_accepted and actor.org == found.provider_org
    return Role.PROVIDER if Role.PLATFORM_ADMIN not in actor.roles or own else Role.PLATFORM_ADMIN
