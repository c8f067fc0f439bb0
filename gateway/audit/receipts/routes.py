"""The address of receipts."""

from typing import Final

from gateway.audit.errors import AuditUnavailable, NoSuchRecord, ReceiptBroken, TilesMissing
from gateway.audit.receipts.service import Receipts
from gateway.web import SIGNED_IN, Ask, Document, Reply, Route

_TEXT: Final = "text/plain; charset=utf-8"


async def show_audit_receipt(room: Receipts, ask: Ask[None]) -> Reply:
    event_id = ask.uuid("event_id")
    receipt = await room.get(ask.principal, event_id, request_id=ask.request_id)
    if receipt is None:
        return Reply({"state": "pending"}, {"Retry-After": "1"}, status=202)
    return Reply(Document(receipt, _TEXT, f"{event_id}.tlog-proof"))


ROUTES: Final = [
    Route("GET", "/v1/audit/receipts/{event_id}", show_audit_receipt, SIGNED_IN, "The receipt of a record (tlog-proof)",
          "审计记录回执（tlog-proof）", "audit", gives=(_TEXT,), waits=True,
          problems=(NoSuchRecord, ReceiptBroken, TilesMissing, AuditUnavailable)),
]  # fmt: skip
