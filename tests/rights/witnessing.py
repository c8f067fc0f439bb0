"""Right requests of what the log got from others."""

from rights import Right, at

CASES = {
    "show_audit_stamps": Right("requester", at("/v1/audit/stamps?size=1")),
    "show_audit_standing": Right("requester", at("/v1/audit/standing")),
}
