"""Right requests of the audit log's checkpoint and figures."""

from rights import Right, at

CASES = {
    "show_audit_checkpoint": Right("requester", at("/v1/audit/checkpoint")),
    "show_audit_figures": Right(
        "auditor", at("/v1/audit/figures?by=month,consumer_org&first_day=2026-01-01")
    ),
    "show_audit_chain": Right("auditor", at("/v1/audit/events/{event}/chain?limit=5")),
}
