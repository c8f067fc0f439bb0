"""The right request of a receipt: of the call that tests/rights/attestation.py makes."""

from rights import Right, at

CASES = {"show_audit_receipt": Right("requester", at("/v1/audit/receipts/{receipt}"))}
