"""Right requests of alerts on the audit log; alerts come with hits, so theirs names none that is there."""

from typing import Final

from rights import Right, at

NONE: Final = "01a1fd8c-9b7d-7425-883d-959a9e27c23e"

CASES: Final = {
    "list_audit_alerts": Right("auditor", at("/v1/audit/alerts")),
    "list_alert_rules": Right("auditor", at("/v1/audit/alert-rules")),
    "acknowledge_audit_alert": Right(
        "security-admin", at(f"/v1/audit/alerts/{NONE}/acknowledge"), (lambda _: {"note": "演练"},)
    ),
}
