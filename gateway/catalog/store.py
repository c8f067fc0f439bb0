"""Rows of schema ``catalog`` as values; constraint names as refusals."""

from datetime import datetime

import orjson
from pydantic import TypeAdapter

from gateway.audit import Cause, Written
from gateway.catalog.clearance import Cleared
from gateway.catalog.description import Description
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import SECRETS, AnyMount, Mount
from gateway.catalog.notices import Ending
from gateway.catalog.search import terms_of, wording_of
from gateway.errors import Conflict
from gateway.names import OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.catalog")
_MOUNT: TypeAdapter[AnyMount] = TypeAdapter(Mount)


class CodeTaken(Conflict):
    """This resource code is in the catalogue already（该信息资源代码已存在）."""


class ServiceNameTaken(Conflict):
    """This service name is taken（该服务名称已被占用）."""


class NameTaken(Conflict):
    """This department has a resource of that name already（本部门已有同名信息资源）."""


TAKEN = Writes(
    {
        "a_resource_code_is_unique": CodeTaken("choose the next sequence number", "请使用下一个顺序码"),
        "a_service_name_is_unique": ServiceNameTaken("choose another service name", "请更换服务名称"),
        "a_name_is_unique_per_provider": NameTaken(
            "change the existing entry instead", "请修改已有条目，避免重复编目"
        ),
    }
)


async def add(
    tx: Connection, new: ResourceId, org: str, login: str, what: Description, written: Written
) -> None:
    """Raises CodeTaken, ServiceNameTaken, NameTaken."""
    with TAKEN.guarded():
        await tx.execute(
            _SQL["add_resource"], new, what.code, what.service, org, what.name, what.sharing_class,
            what.model_dump(mode="json"), terms_of(what, org), wording_of(what), login, written.event_id, written.digest,
        )  # fmt: skip


async def find(tx: Connection, resource: ResourceId) -> Resource | None:
    row = await tx.fetchrow(_SQL["find_resource"], resource)
    return resource_of(row) if row else None


async def lock(tx: Connection, resource: ResourceId) -> Resource | None:
    row = await tx.fetchrow(_SQL["lock_resource"], resource)
    return resource_of(row) if row else None


async def replace(tx: Connection, resource: ResourceId, org: str, what: Description) -> None:
    """Raises CodeTaken, ServiceNameTaken, NameTaken."""
    with TAKEN.guarded():
        await tx.execute(
            _SQL["replace_description"], resource, what.code, what.service, what.name, what.sharing_class,
            what.model_dump(mode="json"), terms_of(what, org), wording_of(what),
        )  # fmt: skip


async def set_mount(tx: Connection, resource: ResourceId, mount: AnyMount, secret: bytes | None) -> None:
    await tx.execute(_SQL["set_mount"], resource, mount.model_dump(mode="json", exclude=SECRETS), secret)


async def set_clearance(tx: Connection, resource: ResourceId, cleared: Cleared) -> None:
    await tx.execute(_SQL["set_clearance"], resource, cleared.model_dump(mode="json", exclude_none=True))


async def move(
    tx: Connection,
    resource: ResourceId,
    state: State,
    written: Written,
    *,
    published_at: datetime | None = None,
    returned_because: str | None = None,
    withdrawn_because: str | None = None,
) -> None:
    await tx.execute(
        _SQL["move_resource"], resource, state, published_at, returned_because, withdrawn_because,
        written.event_id, written.digest,
    )  # fmt: skip


def resource_of(row: Row) -> Resource:
    return Resource(
        id=ResourceId(row["id"]),
        provider_org=OrgCode(row["provider_org"]),
        state=State(row["state"]),
        version=row["version"],
        description=Description.model_validate_json(orjson.dumps(row["description"])),
        mount=_MOUNT.validate_json(orjson.dumps(row["mount"])) if row["mount"] else None,
        mount_secret=row["mount_secret"],
        drafted_by=row["drafted_by"],
        drafted_at=row["drafted_at"],
        published_at=row["published_at"],
        returned_because=row["returned_because"],
        withdrawn_because=row["withdrawn_because"],
        cause=Cause(row["event_id"], row["event_digest"]),
        ending=Ending.model_validate_json(orjson.dumps(row["ending"])) if row["ending"] else None,
        clearance=Cleared.model_validate_json(orjson.dumps(row["clearance"])) if row["clearance"] else None,
    )
