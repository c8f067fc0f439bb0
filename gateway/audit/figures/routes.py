"""The address of figures, for auditors."""

from typing import Final

from gateway.audit.errors import AuditUnavailable
from gateway.audit.figures.errors import TooManyFigures
from gateway.audit.figures.service import Counting
from gateway.audit.figures.wire import FiguresQuery, FiguresShown, figures_shown
from gateway.audit.model import Who
from gateway.web import Ask, Reply, Route

_AUDITOR: Final = frozenset({"auditor"})


async def show_audit_figures(counting: Counting, ask: Ask[FiguresQuery]) -> Reply:
    who = Who.of(ask.principal, "auditor")
    return Reply(figures_shown(await counting.figures(who, ask.given.asked(), request_id=ask.request_id)))


ROUTES: Final = [
    Route("GET", "/v1/audit/figures", show_audit_figures, _AUDITOR, "Count audit records", "审计统计", "audit",
          given=FiguresQuery, returns=FiguresShown, problems=(TooManyFigures, AuditUnavailable)),
]  # fmt: skip
