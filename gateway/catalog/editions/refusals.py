"""What acts on published entries refuse, and the record of an act on a revision."""

from collections.abc import Mapping, Sequence

from gateway.audit import Event, EventType, Outcome, Who
from gateway.audit.model import JSON
from gateway.catalog.changes import Change, Narrowing
from gateway.catalog.editions.model import Revision
from gateway.catalog.holders import Holder
from gateway.catalog.model import Resource
from gateway.errors import Conflict, NotFound

_MOST_NAMED = 100


class NoRevision(NotFound):
    """There is no revision of this resource, or it is not announced yet（没有修订，或尚未公告）."""


class RevisionNotInState(Conflict):
    """The revision is not in the state this needs（修订当前状态不允许此操作）."""


class NothingRevised(Conflict):
    """The revision says what the live edition says（修订与现行版本一致）."""

    remedy = ("Change the revision first, or discard it.", "请先修改修订内容，或放弃修订。")


class NoticeNeeded(Conflict):
    """Those who hold grants must be told first（须先告知使用部门并协商、备案）."""

    remedy = (
        "Negotiate with the departments named in holders, file with the authority (Decree 809 Art. 27), and send the day, "
        "the reason and both references.",
        "请与 holders 所列部门协商并向主管部门备案（条例第二十七条），然后填报生效日期、理由、协商记录和备案编号。",
    )


def notice_needed(holders: Sequence[Holder], narrowed: Narrowing | None = None) -> NoticeNeeded:
    """The refusal with the grants it is about, and what they lose."""
    lost: dict[str, JSON] = {}
    if narrowed is not None:
        lost = {"items": sorted(narrowed.items), "parameters": sorted(narrowed.parameters)}
    orgs = sorted({one.consumer_org for one in holders})
    return NoticeNeeded(
        f"{len(holders)} grants of {len(orgs)} departments use it and were not told",
        f"有 {len(orgs)} 个部门的 {len(holders)} 项授权正在使用，尚未告知",
        holders=[named(one) for one in holders[:_MOST_NAMED]],
        loses=lost,
    )


def named(holder: Holder) -> dict[str, JSON]:
    """A grant as shown in refusals and records."""
    return {
        "grant_id": str(holder.grant_id), "consumer_org": holder.consumer_org, "client_id": holder.client_id,
        "state": holder.state,
    }  # fmt: skip


def revision_event(
    kind: EventType,
    by: Who,
    live: Resource,
    revision: Revision | None,
    version: int,
    changes: Sequence[Change] = (),
    more: Mapping[str, JSON] | None = None,
) -> Event:
    """The record of an act on a revision that is at ``version`` after it; changes by their places only."""
    detail: dict[str, JSON] = {"name": live.description.name, "revision": version, **(more or {})}
    if changes:
        detail["changes"] = [one.pointer for one in changes]
    causes = (live.cause, *((revision.cause,) if revision else ()))
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=by,
        provider_org=live.provider_org,
        object_kind="resource",
        object_id=str(live.id),
        object_version=str(live.version),
        resource=live.description.code,
        grade=live.description.grade,
        detail=detail,
        cause=causes,
    )
