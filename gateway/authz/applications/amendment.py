"""Amending an application before it is decided (修改申请): a new version of its form, and what differs between versions."""

from dataclasses import replace
from typing import Any

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.documents import application_document
from gateway.authz.applications.filing import checked
from gateway.authz.applications.form import Form
from gateway.authz.applications.model import Application, Route, Version
from gateway.authz.applications.notice import answered
from gateway.authz.applications.parties import may_see
from gateway.authz.applications.refusals import NothingChanged, WrongRoute, unknown
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId, ClientId
from gateway.web import Model, Principal


class ChangedPart(Model):
    """A part of the form that two versions have differently; None where it is missing."""

    part: str
    before: Any = None
    after: Any = None


def differences(before: Form, after: Form) -> list[ChangedPart]:
    """What differs between two forms, in the form's order."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [
        ChangedPart(part=name, before=old[name], after=new[name])
        for name in Form.model_fields
        if old[name] != new[name]
    ]


class Amendments:
    """What a requester may still change, and what anybody concerned may compare."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def amend(
        self, actor: Principal, application: ApplicationId, form: Form, incomplete: bool, because: str
    ) -> Standing:
        """A new version of the form, which also answers a notice. The clocks go on: the law knows no stop.

        Raises:
            Invalid: the form does not fit; another resource; incomplete without saying so or after acceptance.
            NothingChanged: the form is the one that stands.
            WrongRoute: accepted on the direct route, where the platform provides what it accepted.
            ApplicationNotInState.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "amend")
            _check_may_change(before, form)
            await checked(tx, actor.org, form, resource, incomplete and not before.was_accepted, work.now())
            now = work.now()
            after = replace(
                before,
                form=form,
                client_id=ClientId(form.client),
                form_version=before.form_version + 1,
                amended_by=tuple(sorted({*before.amended_by, actor.id})),
                notices=answered(before.notices, now),
            )
            document = application_document(after, resource.description.code)
            changed = [one.part for one in differences(before.form, form)]
            await work.step(
                tx, EventType.APPLICATION_AMENDED, actor, Role.REQUESTER, after, resource,
                form_version=after.form_version, changed=changed, missing=form.missing(), because=because,
                **document.digests(),
            )  # fmt: skip
            version = Version(after.form_version, form, because, actor.id, now)
            await store.add_version(tx, application, version, document)
            return await work.keep_clocks(tx, application)

    async def versions(self, actor: Principal, application: ApplicationId) -> list[Version]:
        """Every version of the form, the first one first.

        Raises:
            NoSuchApplication: also for departments that are no party to it.
        """
        async with self._work.database.connection() as connection:
            found = await store.find(connection, application)
            if found is None or not may_see(actor, found):
                raise unknown(application)
            return await store.versions(connection, application)


def _check_may_change(before: Application, form: Form) -> None:
    if before.was_accepted and before.route is Route.DIRECT:
        raise WrongRoute(
            "the platform provides what it accepted: withdraw the application and file a new one",
            "平台直接提供的申请受理后不得修改，请撤回后重新提交",
        )
    if form.resource_id != before.resource_id:
        raise Invalid(
            FieldFault(
                "/resource_id",
                "an application stays with its resource: file another one",
                "不得更换信息资源，请另行提交申请",
            )
        )
    if form == before.form:
        raise NothingChanged("the form is the one that stands", "申请表与现有版本相同")
