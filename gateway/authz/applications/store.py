"""Rows of ``authz.application`` as values; constraint names as refusals."""

from datetime import datetime
from uuid import UUID

import orjson

from gateway.audit import Cause, Written
from gateway.authz.applications.documents import Document, Kept
from gateway.authz.applications.form import Form, SignOff
from gateway.authz.applications.ground import Decided, StandingAuthorisation
from gateway.authz.applications.model import Application, Route, State, Version, Wanted
from gateway.authz.applications.notice import Notice
from gateway.authz.applications.refusals import RenewalOpen
from gateway.authz.grants.model import Terms
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
        "a_grant_has_one_open_renewal": RenewalOpen("one is open already", "已有续期申请正在办理"),
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
            new.renews,
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
    tx: Connection, org: str | None, wanted: Wanted, after: UUID | None, count: int
) -> list[Application]:
    """Inside a transaction: the plan is made for the filters given, not for any."""
    await tx.execute(_SQL["plan_by_values"])
    rows = await tx.fetch(
        _SQL["list_applications"], org, wanted.state, wanted.resource_id, wanted.provider_org, wanted.matter,
        wanted.holder, after, count,
    )  # fmt: skip
    return [_application(row) for row in rows]


async def add_authorisation(tx: Connection, given: StandingAuthorisation) -> None:
    await tx.execute(
        _SQL["add_authorisation"], given.id, given.resource_id, given.provider_org, given.scope,
        given.sign_off.model_dump(mode="json"), given.given_by, given.given_at,
    )  # fmt: skip


async def authorisation_of(tx: Connection, resource: UUID) -> StandingAuthorisation | None:
    row = await tx.fetchrow(_SQL["authorisation_of"], resource)
    if row is None:
        return None
    sign_off = SignOff.model_validate_json(orjson.dumps(row["sign_off"]))
    return StandingAuthorisation(
        row["id"],
        row["resource_id"],
        row["provider_org"],
        row["scope"],
        sign_off,
        row["given_by"],
        row["given_at"],
    )


async def end_authorisation(tx: Connection, resource: UUID, by: str, at: datetime) -> None:
    await tx.execute(_SQL["end_authorisation"], resource, by, at)


async def add_to_bulk(tx: Connection, bulk: UUID, place: int, application: ApplicationId, org: str) -> None:
    await tx.execute(_SQL["add_to_bulk"], bulk, place, application, org)


async def bulk(tx: Connection, bulk_id: UUID) -> tuple[str | None, list[Application]]:
    """Who filed it, and its applications; None if there is none."""
    rows = await tx.fetch(_SQL["bulk"], bulk_id)
    found = [await find(tx, ApplicationId(row["application_id"])) for row in rows]
    return rows[0]["filed_org"] if rows else None, [one for one in found if one]


async def decided_for(tx: Connection, one: Application) -> list[Decided]:
    rows = await tx.fetch(
        _SQL["decided_for"], one.consumer_org, one.resource_id, one.form.purpose, one.client_id
    )
    return [
        Decided(
            row["application_id"], Terms.model_validate_json(orjson.dumps(row["terms"])), row["decided_at"],
            row["sign_off"],
        )
        for row in rows
    ]  # fmt: skip


async def is_client_of(tx: Connection, client: ClientId, org: str) -> bool:
    return bool(await tx.fetchval(_SQL["is_client_of"], client, org))


async def add_version(
    tx: Connection, application: ApplicationId, version: Version, document: Document
) -> None:
    await tx.execute(
        _SQL["add_version"], application, version.number, version.form.model_dump(mode="json"), version.because,
        version.written_by, version.written_at, document.content, document.sm3,
    )  # fmt: skip


async def application_document(tx: Connection, one: Application) -> Kept:
    """The canonical form of the version that stands."""
    row = await tx.fetchrow(_SQL["application_document"], one.id, one.form_version)
    return Kept(row["document"], row["sm3"], row["made_at"])


async def document_digests(tx: Connection, one: Application) -> tuple[bytes, bytes | None]:
    """SM3 of the version of the form that stands, and of the decision that took effect."""
    row = await tx.fetchrow(_SQL["document_digests"], one.id, one.form_version)
    return row["applied"], row["decided"]


async def draft_decision(
    tx: Connection, application: ApplicationId, act: str, document: Document, by: str, at: datetime
) -> None:
    await tx.execute(_SQL["draft_decision"], application, document.sm3, act, document.content, by, at)


async def decision_document(tx: Connection, application: ApplicationId) -> Kept | None:
    """The one that took effect, else the latest draft."""
    row = await tx.fetchrow(_SQL["decision_document"], application)
    return Kept(row["document"], row["sm3"], row["made_at"], row["effective_at"]) if row else None


async def take_effect(tx: Connection, application: ApplicationId, sm3: bytes, at: datetime) -> None:
    await tx.execute(_SQL["take_effect"], application, sm3, at)


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
        renews=GrantId(row["renews"]) if row["renews"] else None,
        notices=tuple(Notice.model_validate_json(orjson.dumps(one)) for one in row["notices"]),
    )
