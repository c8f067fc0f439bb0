"""Kept queries of the audit log."""

from uuid import uuid4

from rights import Right, Stage, at

WANTED = {
    "type": "call.refused", "outcome": "deny", "org": "11621000MB00000024", "reason": "outside-hours",
    "since": "2026-09-01T00:00:00+08:00", "person": "li-na", "resource": "307011024701/000001", "grade": "important",
    "consumer_org": "11621000MB00000024", "provider_org": "11621000MB00000037", "matter": "m", "case": "c",
    "subject": "5" * 32, "grant_id": str(uuid4()), "application_id": str(uuid4()), "request_id": str(uuid4()),
    "until": "2026-10-01T00:00:00+08:00",
}  # fmt: skip


def _query(_: Stage) -> dict[str, object]:
    return {"name": f"夜间被拒 {uuid4().hex[:8]}", "shared": True, "wanted": WANTED}


def _client(_: Stage) -> dict[str, object]:
    return {"name": f"某系统 {uuid4().hex[:8]}", "wanted": {"client": "registration"}}


CASES = {
    "save_audit_query": Right("auditor", at("/v1/audit/queries"), (_query, _client)),
    "list_audit_queries": Right("auditor", at("/v1/audit/queries?limit=5")),
    "run_audit_query": Right("auditor", at("/v1/audit/queries/{saved_query}/events?limit=5")),
    "delete_audit_query": Right("auditor", at("/v1/audit/queries/{saved_query_to_delete}")),
}


async def prepare(stage: Stage) -> None:
    """Two kept queries."""
    for name in ("saved_query", "saved_query_to_delete"):
        made = await stage.world.as_("auditor", "POST", "/v1/audit/queries", _query(stage))
        stage.ids[name] = made.ok()["id"]
