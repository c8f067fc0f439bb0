"""Right requests of the audit log's checkpoint."""

from rights import Right, at

CASES = {"show_audit_checkpoint": Right("requester", at("/v1/audit/checkpoint"))}
