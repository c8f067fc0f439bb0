"""On what the platform may answer at once: a standing authorisation (平台授权), or an earlier decision on the same scene.

Both rest on a decision of the provider that was signed off before; the platform's reviewer, who is never the filer,
checks that the application is covered and answers. So two persons act on every grant, and the provider's is on record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gateway.authz.applications.form import Form, SignOff
from gateway.authz.grants.model import Terms
from gateway.web import Model


class Ground(Model):
    """What an answer at once refers to, with the provider's sign-off; the rules of the earlier grant go on."""

    kind: str
    """``standing_authorisation`` or ``same_scene``."""
    reference: UUID
    """The authorisation, or the earlier application."""
    since: datetime
    sign_off: dict[str, Any]
    text: str
    text_zh: str
    rules: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class StandingAuthorisation:
    """平台授权: the provider lets the platform answer for it, for one resource, until ended."""

    id: UUID
    resource_id: UUID
    provider_org: str
    scope: str
    sign_off: SignOff
    given_by: str
    given_at: datetime

    def ground(self) -> Ground:
        """As the ground of an answer."""
        day = f"{self.given_at:%Y-%m-%d}"
        return Ground(
            kind="standing_authorisation", reference=self.id, since=self.given_at,
            sign_off=self.sign_off.model_dump(mode="json"),
            text=f"standing authorisation of {self.provider_org} of {day}",
            text_zh=f"{self.provider_org} {day} 作出的平台授权",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decided:
    """A grant in force of the same department for the same resource and purpose, and the decision it follows from."""

    application_id: UUID
    terms: Terms
    decided_at: datetime
    sign_off: dict[str, Any]

    def ground(self) -> Ground:
        """As the ground of an answer."""
        day = f"{self.decided_at:%Y-%m-%d}"
        return Ground(
            kind="same_scene", reference=self.application_id, since=self.decided_at, sign_off=self.sign_off,
            text=f"same scene as application {self.application_id}, agreed to on {day}",
            text_zh=f"与申请 {self.application_id}（{day} 同意）同一场景，不重复审批",
            rules=self.terms.rules.model_dump(mode="json", exclude_defaults=True),
        )  # fmt: skip


def covers(granted: Terms, form: Form) -> bool:
    """Whether everything a form asks for was agreed to for this scene already."""
    if form.valid_from is None or form.valid_until is None:
        return False
    bounded = all(
        name in form.parameters and form.parameters[name].is_within(bound)
        for name, bound in granted.parameters.items()
    )
    inside = granted.valid_from <= form.valid_from and form.valid_until <= granted.valid_until
    return (
        bounded
        and inside
        and set(form.fields) <= set(granted.fields)
        and form.matter == granted.matter
        and form.daily_quota <= granted.daily_quota
    )


def same_scene(found: Iterable[Decided], form: Form, today: date) -> Ground | None:
    """The first earlier decision that covers the form and is in force today."""
    for one in found:
        if one.terms.valid_from <= today <= one.terms.valid_until and covers(one.terms, form):
            return one.ground()
    return None
