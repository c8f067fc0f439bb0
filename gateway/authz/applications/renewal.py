"""Renewal (续期): a new application that refers to a grant before its end, filled in from what was granted.

Its path is as any other's: the same two persons, the same clocks; only the form is shorter.
"""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.filing import Filing
from gateway.authz.applications.form import Form, SignOff
from gateway.authz.applications.refusals import GrantOver
from gateway.authz.grants.model import Grant, GrantState
from gateway.authz.grants.service import Grants, NoSuchGrant
from gateway.deadlines import local_day
from gateway.names import GrantId
from gateway.storage import Once
from gateway.web import Day, Model, Note, Principal


class Renewal(Model):
    """What a renewal says anew; everything else is as granted."""

    valid_until: Day
    daily_quota: Annotated[int, Field(ge=1, le=10000000)] | None = None
    basis: Note | None = None
    scene: Note | None = None
    sign_off: SignOff


class Renewals:
    """Filing an application to go on after a grant's end."""

    def __init__(self, work: Casework, filing: Filing, grants: Grants) -> None:
        self._work = work
        self._filing = filing
        self._grants = grants

    async def renew(
        self, actor: Principal, grant: GrantId, given: Renewal, once: Once | None, request_id: str
    ) -> Standing:
        """File it: the period begins the day after the grant's last day.

        Raises:
            NoSuchGrant: also for other departments' grants.
            GrantOver: the grant has ended, or is not in force.
            RenewalOpen: an application to renew it is open.
            Invalid: as for any application.
        """
        work = self._work
        async with work.database.connection() as connection:
            found = await self._grants.at(connection, grant)
            if found is None or found.consumer_org != actor.org:
                raise NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")
            _check_in_force(found, local_day(work.now()))
            earlier = await store.find(connection, found.application_id)
            form = renewed(earlier.form if earlier else None, found, given)
        return await self._filing.file(actor, form, False, once, request_id, renews=grant)


def renewed(earlier: Form | None, grant: Grant, given: Renewal) -> Form:
    """The form of the grant's application with what was granted and what is new."""
    terms, kept = grant.terms, earlier.model_dump() if earlier else {}
    anew = {name: value for name in ("basis", "scene") if (value := getattr(given, name))}
    return Form.model_validate(
        {
            **kept, **anew, "fields": terms.fields, "parameters": terms.parameters, "matter": terms.matter,
            "daily_quota": given.daily_quota or terms.daily_quota,
            "valid_from": terms.valid_until + timedelta(1), "valid_until": given.valid_until,
            "sign_off": given.sign_off,
        }
    )  # fmt: skip


def _check_in_force(grant: Grant, today: date) -> None:
    if grant.state is not GrantState.ACTIVE or today > grant.terms.valid_until:
        raise GrantOver(
            f"the grant is {grant.state}, until {grant.terms.valid_until}",
            f"授权状态为 {grant.state}，截止 {grant.terms.valid_until}",
        )
