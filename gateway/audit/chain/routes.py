"""The address of a record's chain, for auditors."""

from typing import Final

from gateway.audit.chain.service import Chains
from gateway.audit.chain.wire import ChainQuery, ChainShown, chain_shown
from gateway.audit.errors import AuditUnavailable, NoSuchRecord
from gateway.audit.model import Who
from gateway.web import Ask, Reply, Route

_AUDITOR: Final = frozenset({"auditor"})


async def show_audit_chain(chains: Chains, ask: Ask[ChainQuery]) -> Reply:
    after = ask.after()
    who = Who.of(ask.principal, "auditor")
    chain = await chains.walk(
        who,
        ask.uuid("event_id"),
        limit=ask.given.limit,
        after=int(after) if after else None,
        request_id=ask.request_id,
    )
    more = None if chain.next_after is None else str(chain.next_after)
    cursor = ask.pager.page_before([], more, ask.list_context).next_cursor
    return Reply(chain_shown(chain, cursor))


ROUTES: Final = [
    Route("GET", "/v1/audit/events/{event_id}/chain", show_audit_chain, _AUDITOR, "Walk the chain of an audit record",
          "查看证据链", "audit", given=ChainQuery, returns=ChainShown, problems=(NoSuchRecord, AuditUnavailable)),
]  # fmt: skip
