"""Rows of ``authz.application`` as values; constraint names as refusals."""

from uuid import UUID

import orjson

from gateway.audit import Cause, Written
from gateway.authz.applications.form import Form
from gateway.authz.applications.model import Application, Route, State, Version
from gateway.authz.applications.notice import Notice
from gateway.catalog import SelfApproval, SharingClass
from gateway.errors import FieldFault, Invalid
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.authz.applications")
_SELF = SelfApproval("whoever filed an application may not act on it", "申请人不得办理本人提交的申请")
_WRITES = Writes(
    {
        "an_application_names_a_client": Invalid(
            FieldFault("/client", "this application system is not registered", "该应用系统尚未登记")
        ),
        "a_reviewer_is_not_the_filer": _SELF,
        "a_decider_is_not_the_filer": _SELF,
    }
)


async def add(tx: Connection, new: Application) -> None:
    """Raises Invalid (unknown client)."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_application"], new.id, new.resource_id, new.resource_version, new.consumer_org,
            new.provider_org, new.client_id, new.sharing_class, new.route, list(new.rule_sets),
            new.form.model_dump(mode="json"), new.filed_by, new.filed_at, new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def find(tx: Connection, application: ApplicationId) -> Application | None:
    row = await tx.fetchrow(_SQL["find_application"], application)
    return _application(row) if row else None


async def lock(tx: Connection, application: ApplicationId) -> Application | None:
    row = await tx.fetchrow(_SQL["lock_application"], application)
    return _application(row) if row else None


async def move(tx: Connection, after: Application, written: Written) -> None:
    """Raises SelfApproval."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["move_application"], after.id, after.state, after.review, after.decision, after.reviewed_by,
            after.reviewed_at, after.decided_by, after.decided_at, after.provided_at, after.closed_at,
            written.event_id, written.digest, after.client_id, after.form.model_dump(mode="json"),
            after.form_version, list(after.amended_by),
            [notice.model_dump(mode="json") for notice in after.notices], after.awaits_requester,
        )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, state: str | None, after: UUID | None, count: int
) -> list[Application]:
    return [_application(row) for row in await tx.fetch(_SQL["list_applications"], org, state, after, count)]


async def is_client_of(tx: Connection, client: ClientId, org: str) -> bool:
    return bool(await tx.fetchval(_SQL["is_client_of"], client, org))


async def add_version(tx: Connection, application: ApplicationId, version: Version) -> None:
    await tx.execute(
        _SQL["add_version"], application, version.number, version.form.model_dump(mode="json"), version.because,
        version.written_by, version.written_at,
    )  # fmt: skip


async def versions(tx: Connection, application: ApplicationId) -> list[Version]:
    return [
        Version(
            row["form_version"], Form.model_validate_json(orjson.dumps(row["form"])), row["because"],
            row["written_by"], row["written_at"],
        )
        for row in await tx.fetch(_SQL["versions"], application)
    ]  # fmt: skip


async def grant_of(tx: Connection, application: ApplicationId) -> GrantId | None:
    found: GrantId | None = await tx.fetchval(_SQL["grant_of"], application)
    return found


def _application(row: Row) -> Application:
    return Application(
        id=ApplicationId(row["id"]),
        resource_id=ResourceId(row["resource_id"]),
        resource_version=row["resource_version"],
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        client_id=ClientId(row["client_id"]),
        sharing_class=SharingClass(row["sharing_class"]),
        route=Route(row["route"]),
        state=State(row["state"]),
        rule_sets=tuple(row["rule_sets"]),
        form=Form.model_validate_json(orjson.dumps(row["form"])),
        review=row["review"],
        decision=row["decision"],
        filed_by=row["filed_by"],
        filed_at=row["filed_at"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=row["reviewed_at"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        provided_at=row["provided_at"],
        closed_at=row["closed_at"],
        version=row["version"],
        cause=Cause(row["event_id"], row["event_digest"]),
        form_version=row["form_version"],
        amended_by=tuple(row["amended_by"]),
        notices=tuple(Notice.model_validate_json(orjson.dumps(one)) for one in row["notices"]),
    )
