"""Addresses of liability signals."""

from typing import Final

from gateway.authz.signals.service import Signals
from gateway.authz.signals.wire import SignalQuery, SignalRulesShown, SignalShown
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def list_liability_signals(signals: Signals, ask: Ask[SignalQuery]) -> Reply:
    found = await signals.listed(ask.principal, ask.given.rule, ask.after(), ask.given.limit + 1)
    return ask.page(found, lambda one: one.key, SignalShown.of)


async def list_liability_rules(_: Signals, ask: Ask[None]) -> Reply:
    return Reply(SignalRulesShown.all())


ROUTES: Final = [
    Route("GET", "/v1/liability-signals", list_liability_signals, SIGNED_IN,
          "What points to a breach of Decree 809 Art. 39–41", "法律责任预警清单", "signals", given=SignalQuery,
          returns=Page[SignalShown]),
    Route("GET", "/v1/liability-rules", list_liability_rules, SIGNED_IN,
          "Each signal with the query that reproduces it", "预警规则及复核查询", "signals", returns=SignalRulesShown),
]  # fmt: skip
