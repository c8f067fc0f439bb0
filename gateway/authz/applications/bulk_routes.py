"""Addresses of bulk applications."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.applications.bulk import Bulk, NewBulk
from gateway.authz.applications.desk import Desk
from gateway.authz.applications.refusals import NoSuchBulk, NotShared
from gateway.authz.applications.wire import ApplicationBrief
from gateway.catalog import NoSuchResource
from gateway.catalog.acts import ResourceNotInState
from gateway.identity import Role
from gateway.web import SIGNED_IN, Ask, Model, Reply, Route


class BulkShown(Model):
    """A bulk request: each application with its own state, in the order of the request."""

    id: UUID
    filed_org: str
    applications: list[ApplicationBrief]

    @classmethod
    def of(cls, one: Bulk) -> "BulkShown":
        """As the API shows it."""
        briefs = [ApplicationBrief.of(each) for each in one.applications]
        return cls(id=one.id, filed_org=one.filed_org, applications=briefs)


async def file_bulk(desk: Desk, ask: Ask[NewBulk]) -> Reply:
    return Reply(BulkShown.of(await desk.applications.bulks.file(ask.principal, ask.given, ask.once)))


async def show_bulk(desk: Desk, ask: Ask[None]) -> Reply:
    return Reply(BulkShown.of(await desk.applications.bulks.show(ask.principal, ask.uuid("bulk_id"))))


_route = partial(Route, tag="applications", returns=BulkShown)

ROUTES: Final = [
    _route("POST", "/v1/bulk-applications", file_bulk, frozenset({Role.REQUESTER}),
           "Apply for the departments of one's counties", "为下级部门批量申请", given=NewBulk, status=201, creates=True,
           problems=(NoSuchResource, ResourceNotInState, NotShared)),
    _route("GET", "/v1/bulk-applications/{bulk_id}", show_bulk, SIGNED_IN, "How the applications of a bulk request stand",
           "查看批量申请", problems=(NoSuchBulk,)),
]  # fmt: skip
