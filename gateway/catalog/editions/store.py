"""Rows of ``catalog.revision`` and ``catalog.edition`` as values."""

from datetime import date, datetime
from typing import Any

import orjson
from pydantic import BaseModel, TypeAdapter

from gateway.audit import Cause, Written
from gateway.catalog.clearance import Cleared
from gateway.catalog.description import Description
from gateway.catalog.editions.model import Edition, Revision, RevisionState
from gateway.catalog.model import Resource
from gateway.catalog.mount import SECRETS, AnyMount, Mount
from gateway.catalog.notices import Ending, Notice
from gateway.catalog.search import terms_of, wording_of
from gateway.catalog.store import TAKEN
from gateway.names import ResourceId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.catalog.editions")
_MOUNT: TypeAdapter[AnyMount] = TypeAdapter(Mount)
_MOST_EDITIONS = 200


async def find(tx: Connection, resource: ResourceId) -> Revision | None:
    row = await tx.fetchrow(_SQL["find_revision"], resource)
    return _revision(row) if row else None


async def put(
    tx: Connection,
    resource: ResourceId,
    version: int,
    what: Description,
    reason: str,
    login: str,
    now: datetime,
    written: Written,
) -> None:
    await tx.execute(
        _SQL["put_revision"], resource, version, what.model_dump(mode="json"), reason, login, now,
        written.event_id, written.digest,
    )  # fmt: skip


async def set_mount(tx: Connection, resource: ResourceId, mount: AnyMount, secret: bytes | None) -> None:
    await tx.execute(
        _SQL["set_revision_mount"], resource, mount.model_dump(mode="json", exclude=SECRETS), secret
    )


async def set_clearance(tx: Connection, resource: ResourceId, cleared: Cleared) -> None:
    await tx.execute(_SQL["set_revision_clearance"], resource, _json(cleared))


async def move(
    tx: Connection,
    resource: ResourceId,
    state: RevisionState,
    version: int,
    written: Written,
    *,
    notice: Notice | None = None,
    submitted_at: datetime | None = None,
    returned_because: str | None = None,
) -> None:
    await tx.execute(
        _SQL["move_revision"], resource, state, version, _json(notice), submitted_at, returned_because,
        written.event_id, written.digest,
    )  # fmt: skip


async def end(tx: Connection, resource: ResourceId) -> None:
    await tx.execute(_SQL["end_revision"], resource)


async def take_over(tx: Connection, after: Resource, now: datetime, written: Written) -> None:
    """Raises NameTaken."""
    what = after.description
    mount = after.mount.model_dump(mode="json", exclude=SECRETS) if after.mount else None
    with TAKEN.guarded():
        await tx.execute(
            _SQL["take_over"], after.id, what.name, what.sharing_class, what.model_dump(mode="json"), mount,
            after.mount_secret, _json(after.clearance), terms_of(what, after.provider_org), wording_of(what), now, written.event_id, written.digest,
        )  # fmt: skip


async def add_edition(
    tx: Connection, after: Resource, version: int, notice: Notice | None, login: str, now: datetime
) -> None:
    """``after`` as published; ``version`` is its version with that."""
    await tx.execute(
        _SQL["add_edition"], after.id, version, after.description.model_dump(mode="json"), _json(after.clearance),
        _json(notice), login, now,
    )  # fmt: skip


async def editions(tx: Connection, resource: ResourceId) -> list[Edition]:
    """Newest first, the newest two hundred."""
    return [_edition(row) for row in await tx.fetch(_SQL["list_editions"], resource, _MOST_EDITIONS)]


async def set_ending(tx: Connection, resource: ResourceId, ending: Ending | None, written: Written) -> None:
    await tx.execute(_SQL["set_ending"], resource, _json(ending), written.event_id, written.digest)


async def due(tx: Connection, today: date) -> list[ResourceId]:
    return [ResourceId(row["id"]) for row in await tx.fetch(_SQL["find_due"], today)]


def _json(value: BaseModel | None) -> Any:
    return value.model_dump(mode="json", exclude_none=True) if value is not None else None


def _cleared(row: Row) -> Cleared | None:
    return Cleared.model_validate_json(orjson.dumps(row["clearance"])) if row["clearance"] else None


def _notice(row: Row) -> Notice | None:
    return Notice.model_validate_json(orjson.dumps(row["notice"])) if row["notice"] else None


def _revision(row: Row) -> Revision:
    return Revision(
        state=RevisionState(row["state"]),
        version=row["version"],
        description=Description.model_validate_json(orjson.dumps(row["description"])),
        reason=row["reason"],
        mount=_MOUNT.validate_json(orjson.dumps(row["mount"])) if row["mount"] else None,
        mount_secret=row["mount_secret"],
        clearance=_cleared(row),
        notice=_notice(row),
        drafted_by=row["drafted_by"],
        drafted_at=row["drafted_at"],
        submitted_at=row["submitted_at"],
        returned_because=row["returned_because"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )


def _edition(row: Row) -> Edition:
    return Edition(
        number=row["number"],
        resource_version=row["resource_version"],
        description=Description.model_validate_json(orjson.dumps(row["description"])),
        clearance=_cleared(row),
        notice=_notice(row),
        published_by=row["published_by"],
        published_at=row["published_at"],
    )
