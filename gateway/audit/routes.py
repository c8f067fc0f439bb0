"""Addresses of the audit log, for auditors. Asking leaves a record before the answer leaves."""

from typing import Final

from gateway.audit.errors import AuditUnavailable, NoSuchRecord, NothingSigned, NothingWitnessed
from gateway.audit.model import Who
from gateway.audit.service import AuditReader
from gateway.audit.wire import AuditQuery, CheckpointQuery, HeadShown, RecordShown, head_shown, record_shown
from gateway.web import SIGNED_IN, Ask, Document, Page, Reply, Route

_AUDITOR: Final = frozenset({"auditor"})


def _who(ask: Ask[AuditQuery] | Ask[None]) -> Who:
    return Who.of(ask.principal, "auditor")


async def list_audit_events(reader: AuditReader, ask: Ask[AuditQuery]) -> Reply:
    after = ask.after()
    found = await reader.find(
        _who(ask),
        ask.given.filter(),
        limit=ask.given.limit,
        before=int(after) if after else None,
        request_id=ask.request_id,
    )
    shown = [record_shown(record) for record in found.records]
    before = None if found.next_before is None else str(found.next_before)
    return Reply(ask.pager.page_before(shown, before, ask.list_context))


async def show_audit_event(reader: AuditReader, ask: Ask[None]) -> Reply:
    return Reply(record_shown(await reader.get(_who(ask), ask.uuid("event_id"), request_id=ask.request_id)))


async def show_audit_head(reader: AuditReader, ask: Ask[None]) -> Reply:
    return Reply(head_shown(await reader.head()))


async def show_audit_checkpoint(reader: AuditReader, ask: Ask[CheckpointQuery]) -> Reply:
    note = await reader.checkpoint(witnessed=ask.given.witnessed)
    return Reply(Document(note, "text/plain", "checkpoint.txt"))


ROUTES: Final = [
    Route("GET", "/v1/audit/events", list_audit_events, _AUDITOR, "List audit records", "查询审计记录",
          "audit", given=AuditQuery, returns=Page[RecordShown], problems=(AuditUnavailable,)),
    Route("GET", "/v1/audit/events/{event_id}", show_audit_event, _AUDITOR, "Show an audit record", "查看审计记录",
          "audit", returns=RecordShown, problems=(NoSuchRecord, AuditUnavailable)),
    Route("GET", "/v1/audit/checkpoint", show_audit_checkpoint, SIGNED_IN, "The newest signed checkpoint of the log",
          "审计日志最新签名检查点", "audit", given=CheckpointQuery, gives=("text/plain",), problems=(NothingSigned, NothingWitnessed)),
    Route("GET", "/v1/audit/head", show_audit_head, _AUDITOR, "The newest head of the log", "审计日志最新树根",
          "audit", returns=HeadShown),
]  # fmt: skip
