"""JSON shapes of liability signals."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from gateway.authz.signals.model import RULES, USE_RECORD_DAYS, Signal
from gateway.authz.signals.store import text_of
from gateway.web import Model, PageQuery


class SignalQuery(PageQuery):
    """A page of signals, or those of one rule."""

    rule: Annotated[str, StringConstraints(pattern=r"^[PRA](39|40|41)-[1-8]$")] | None = None


class SignalShown(Model):
    """One thing that points to a breach, since when, and of which department."""

    rule: str
    article: str
    org: str
    kind: str
    subject: str
    since: datetime
    title: str
    title_zh: str

    @classmethod
    def of(cls, one: Signal) -> "SignalShown":
        return cls(
            rule=one.rule.id, article=one.rule.article, org=one.org, kind=one.kind, subject=one.subject,
            since=one.since, title=one.rule.en, title_zh=one.rule.zh,
        )  # fmt: skip


class SignalRuleShown(Model):
    """A signal's meaning and the query that reproduces it; ``arguments`` are ``$1``, ``$2`` in this order."""

    rule: str
    article: str
    title: str
    title_zh: str
    query: str
    arguments: list[str]


class SignalRulesShown(Model):
    """All signals that are computed."""

    items: list[SignalRuleShown]
    use_record_days: int

    @classmethod
    def all(cls) -> "SignalRulesShown":
        """The whole list."""
        items = [
            SignalRuleShown(
                rule=one.id,
                article=one.article,
                title=one.en,
                title_zh=one.zh,
                query=text_of(one),
                arguments=list(one.arguments),
            )
            for one in RULES
        ]
        return cls(items=items, use_record_days=USE_RECORD_DAYS)
