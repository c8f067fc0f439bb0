"""Bulk application (批量申请): a city's department applies once for the subordinate departments of its counties.

One request, one application for each department, each with its own system, sign-off, clocks and state from then on.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework
from gateway.authz.applications.filing import Filing, faults_of
from gateway.authz.applications.form import Asked, Form, SignOff
from gateway.authz.applications.model import Application
from gateway.authz.applications.parties import SEE_ALL
from gateway.authz.applications.refusals import NoSuchBulk
from gateway.deadlines.regions import significant
from gateway.errors import FieldFault, Invalid
from gateway.identity import Identity
from gateway.identity.service import NoSuchOrg
from gateway.names import OrgCode, ResourceId, new_id
from gateway.storage import Connection, Once, claim
from gateway.web import Model, Principal, Slug


class Subordinate(Model):
    """One department applied for: its code, its system, and the consent of its own head (Decree 809 Art. 20)."""

    department: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
    client: Slug
    sign_off: SignOff


class NewBulk(Model):
    """What is the same for all, and the departments."""

    asked: Asked
    departments: Annotated[list[Subordinate], Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk request and its applications, in the order of the request."""

    id: UUID
    filed_org: str
    applications: list[Application]


class Bulks:
    """Filing for subordinate departments, all or nothing."""

    def __init__(self, work: Casework, filing: Filing, identity: Identity) -> None:
        self._work = work
        self._filing = filing
        self._identity = identity

    async def file(self, actor: Principal, given: NewBulk, once: Once | None) -> Bulk:
        """File one application for each department; a fault in one files none.

        Raises:
            Invalid: every fault of every department, at its place.
            NotShared, ResourceNotInState.
        """
        faults = await self._not_subordinate(actor, given)
        work, new = self._work, new_id()
        async with work.database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._found(tx, earlier)
            resource = await work.catalog.published(tx, ResourceId(given.asked.resource_id))
            for at, one in enumerate(given.departments):
                form = _form(given.asked, one)
                wrong = await faults_of(tx, one.department, form, resource, False, work.now())
                faults += [fault for each in wrong if (fault := _placed(each, at)) not in faults]
            if faults:
                raise Invalid(*faults)
            for at, one in enumerate(given.departments):
                org, form = OrgCode(one.department), _form(given.asked, one)
                filed = await self._filing.put_for(tx, actor, org, form, resource, bulk=str(new))
                await store.add_to_bulk(tx, new, at, filed.application.id, actor.org)
            return await self._found(tx, new)

    async def show(self, actor: Principal, bulk: UUID) -> Bulk:
        """The applications as they stand. Raises NoSuchBulk, also for departments that did not file it."""
        async with self._work.database.connection() as connection:
            found = await self._found(connection, bulk)
        if actor.org != found.filed_org and not actor.roles & SEE_ALL:
            raise _unknown(bulk)
        return found

    async def _found(self, tx: Connection, bulk: UUID) -> Bulk:
        org, applications = await store.bulk(tx, bulk)
        if org is None:
            raise _unknown(bulk)
        return Bulk(bulk, org, applications)

    async def _not_subordinate(self, actor: Principal, given: NewBulk) -> list[FieldFault]:
        """Asked before the transaction: a second connection inside it could wait for itself."""
        own, faults, seen = await self._identity.org(OrgCode(actor.org)), list[FieldFault](), set[str]()
        for at, one in enumerate(given.departments):
            place = f"/departments/{at}/department"
            if one.department in seen:
                faults.append(FieldFault(place, "stands twice", "部门重复"))
            seen.add(one.department)
            try:
                region = (await self._identity.org(OrgCode(one.department))).region
            except NoSuchOrg:
                faults.append(FieldFault(place, "not a registered department", "该部门尚未登记"))
                continue
            if region == own.region or not region.startswith(significant(own.region)):
                faults.append(
                    FieldFault(
                        place, "not of a county of your region", "不是本行政区域下级的部门，请由其自行申请"
                    )
                )
        return faults


def _form(asked: Asked, one: Subordinate) -> Form:
    return Form.model_validate({**dict(asked), "client": one.client, "sign_off": one.sign_off})


def _placed(fault: FieldFault, at: int) -> FieldFault:
    """A fault of one department at its place; a fault of what is the same for all at that place."""
    own = fault.pointer.startswith(("/client", "/sign_off"))
    place = f"/departments/{at}" if own else "/asked"
    return FieldFault(f"{place}{fault.pointer}", fault.detail, fault.detail_zh)


def _unknown(bulk: UUID) -> NoSuchBulk:
    return NoSuchBulk(f"no bulk application {bulk}", f"没有批量申请 {bulk}")
