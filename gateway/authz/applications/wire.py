"""JSON shapes of applications, with the answer to “why am I waiting”."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.authz.applications.amendment import ChangedPart, differences
from gateway.authz.applications.answer import FormVersion
from gateway.authz.applications.casework import Standing
from gateway.authz.applications.filing import Preview
from gateway.authz.applications.form import Form, SignOff
from gateway.authz.applications.ground import Ground
from gateway.authz.applications.model import Application, Holder, ReviewFault, Route, State, Version, Wanted
from gateway.authz.applications.notice import Notice, NoticeItem, Part
from gateway.authz.applications.parties import holder_of
from gateway.authz.applications.stamping_wire import RuleShown, SealedShown
from gateway.catalog import SharingClass
from gateway.deadlines import Clock, binding
from gateway.names import OrgCode
from gateway.sealing.rules import Kind
from gateway.web import Code, Model, Note, PageQuery


class ReviewReason(Model):
    """One thing the review found."""

    code: ReviewFault
    text: Note


class Review(Model):
    """The outcome of the conformity review; ``reasons`` exactly when not accepted."""

    form_version: FormVersion = 1
    accept: bool
    reasons: Annotated[list[ReviewReason], Field(max_length=20)] = []
    opinion: Note | None = None


class NewApplication(Form):
    """A form to file. ``incomplete`` files it although parts are missing; they are told by one notice."""

    incomplete: bool = False

    def form(self) -> Form:
        """The form alone."""
        return Form.model_validate({name: getattr(self, name) for name in Form.model_fields})


class Amendment(NewApplication):
    """The whole form anew, and why it is changed."""

    because: Note


class Lack(Model):
    """One thing that is missing: which part, why it is needed, what to do."""

    part: Part
    reason: Note
    remedy: Note

    def item(self) -> NoticeItem:
        """As it stands on the notice: a person writes one language."""
        return NoticeItem(
            part=self.part,
            reason=self.reason,
            reason_zh=self.reason,
            remedy=self.remedy,
            remedy_zh=self.remedy,
        )


class NewNotice(Model):
    """一次性告知: everything that is missing; what the gateway sees missing from the form is added by itself."""

    items: Annotated[list[Lack], Field(max_length=30)] = []


class ApplicationQuery(PageQuery):
    """A page of applications; all given must hold."""

    state: State | None = None
    resource_id: UUID | None = None
    provider_org: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")] | None = None
    matter: Code | None = None
    holder: Holder | None = None

    def wanted(self) -> Wanted:
        """The filters."""
        return Wanted(self.state, self.resource_id, self.provider_org, self.matter, self.holder)


class LineShown(Model):
    """One line in both languages."""

    en: str
    zh: str


class ClockShown(Model):
    """A clock (时限): whose rule, who must act, how it stands, and how its days were counted."""

    rule: str
    title: LineShown
    article: str
    actor: str
    state: str
    binding: bool
    due_date: date | None = None
    due_at: datetime | None = None
    provisional: bool = False
    calendar_version: str | None = None
    overdue: bool = False
    paused_since: datetime | None = None
    extended_days: float | int = 0
    handler: str | None = None
    working_days_consumed: float | int
    working_days_remaining: float | int
    explanation: list[LineShown]

    @classmethod
    def of(cls, clock: Clock, is_binding: bool) -> "ClockShown":
        due = clock.deadline
        return cls(
            rule=clock.rule.id,
            title=LineShown(en=clock.rule.title.en, zh=clock.rule.title.zh),
            article=clock.rule.article,
            actor=clock.rule.actor,
            state=clock.state,
            binding=is_binding,
            due_date=due.due_date if due else None,
            due_at=due.due_at if due else None,
            provisional=bool(due and due.provisional),
            calendar_version=due.calendar_version if due else None,
            overdue=clock.overdue,
            paused_since=clock.paused.start if clock.paused else None,
            extended_days=clock.extended_days,
            handler=clock.handler or None,
            working_days_consumed=clock.consumed,
            working_days_remaining=clock.remaining,
            explanation=[LineShown(en=line.en, zh=line.zh) for line in clock.explanation],
        )


def shown_clocks(clocks: list[Clock]) -> list[ClockShown]:
    """All clocks, the binding one marked."""
    bound = binding(clocks)
    return [ClockShown.of(clock, bound is not None and clock.rule.id == bound.rule.id) for clock in clocks]


class RouteShown(Model):
    """What will happen to an application before it is filed."""

    route: Route
    decided_by: str
    decided_by_zh: str
    decided_until: date | None = None
    """The last day for the answer: today under a standing authorisation, else that of the binding clock."""
    standing_authorisation: Ground | None = None
    seals_required: dict[Kind, RuleShown] = {}
    """Which documents a rule asks to be sealed, were it filed and decided today."""
    clocks: list[ClockShown]

    @classmethod
    def of(cls, seen: Preview) -> "RouteShown":
        provider, bound = seen.resource.provider_org, binding(seen.clocks)
        due = bound.deadline.due_date if bound and bound.deadline else None
        said = (f"the providing department {provider} decides", f"由数据提供部门 {provider} 受理审批")
        if seen.route is Route.DIRECT:
            said = ("the platform provides directly", "平台直接提供")
        if seen.authorisation:
            said = (
                f"the platform answers and provides the same day, by the standing authorisation of {provider}",
                f"平台依 {provider} 的平台授权当日答复并提供",
            )
        return cls(
            route=seen.route, decided_by=said[0], decided_by_zh=said[1],
            decided_until=seen.today if seen.authorisation else due,
            standing_authorisation=seen.authorisation.ground() if seen.authorisation else None,
            seals_required={kind: RuleShown.of(rule) for kind, rule in seen.seals.items()},
            clocks=shown_clocks(seen.clocks),
        )  # fmt: skip


class ApplicationBrief(Model):
    """An application in a list."""

    id: UUID
    resource_id: UUID
    consumer_org: str
    provider_org: str
    sharing_class: SharingClass
    route: Route
    state: State
    purpose: str
    filed_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def of(cls, one: Application) -> "ApplicationBrief":
        return cls(
            id=one.id, resource_id=one.resource_id, consumer_org=one.consumer_org, provider_org=one.provider_org,
            sharing_class=one.sharing_class, route=one.route, state=one.state, purpose=one.form.purpose,
            filed_at=one.filed_at, closed_at=one.closed_at,
        )  # fmt: skip


class Waiting(Model):
    """Why an application waits: who holds it, under which clock, until when."""

    holder: str
    holder_zh: str
    for_what: str
    for_what_zh: str
    binding_clock: str | None = None
    due_at: datetime | None = None
    overdue: bool = False
    supply_by: date | None = None
    """The last day to answer a notice, while the requester has it."""


class SignOffs(Model):
    """The consent of both sides' heads (Decree 809 Art. 20), as far as it was given."""

    requester: SignOff | None = None
    provider: dict[str, Any] | None = None


class ApplicationShown(ApplicationBrief):
    """An application with everything that says how it stands."""

    resource_code: str
    resource_name: str
    client: str
    version: int
    form: Form
    form_version: int
    missing: list[str]
    notices: list[Notice]
    sign_offs: SignOffs
    renews: UUID | None = None
    at_once: Ground | None = None
    """On what the platform may answer at once, while it is filed."""
    review: dict[str, Any] | None = None
    reviewed_at: datetime | None = None
    decision: dict[str, Any] | None = None
    decided_at: datetime | None = None
    provided_at: datetime | None = None
    grant_id: UUID | None = None
    rule_sets: list[str]
    waiting: Waiting | None = None
    clocks: list[ClockShown]
    seals: list[SealedShown]
    """How the application and its decision are sealed (用印)."""
    audit_id: UUID

    @classmethod
    def showing(cls, standing: Standing, platform: str) -> "ApplicationShown":
        one = standing.application
        return cls(
            **ApplicationBrief.of(one).model_dump(),
            resource_code=standing.resource.description.code,
            resource_name=standing.resource.description.name,
            client=one.client_id,
            version=one.version,
            form=one.form,
            form_version=one.form_version,
            missing=one.form.missing(),
            notices=list(one.notices),
            sign_offs=_sign_offs(one),
            renews=one.renews,
            at_once=standing.ground,
            review=one.review,
            reviewed_at=one.reviewed_at,
            decision=one.decision,
            decided_at=one.decided_at,
            provided_at=one.provided_at,
            grant_id=standing.grant_id,
            rule_sets=list(one.rule_sets),
            waiting=_waiting(standing, platform),
            clocks=shown_clocks(standing.clocks),
            seals=[SealedShown.of(each) for each in standing.seals],
            audit_id=one.cause.event_id,
        )


_SUPPLEMENT = ("what the notice says is missing", "按告知书补正材料")
_FOR_WHAT = {
    (State.FILED, None): ("the conformity review", "规范性审查"),
    (State.ACCEPTED, Route.DIRECT): ("direct provision by the platform", "平台直接提供"),
    (State.ACCEPTED, Route.DEPARTMENT): ("the decision of the providing department", "提供部门审批"),
}


def _waiting(standing: Standing, platform: str) -> Waiting | None:
    one = standing.application
    if one.closed_at is not None:
        return None
    what = _FOR_WHAT[(one.state, None if one.state is State.FILED else one.route)]
    holder = holder_of(one, OrgCode(platform))
    holder_zh = "平台管理部门" if holder == platform else "提供部门"
    if one.awaits_requester:
        what, holder, holder_zh = _SUPPLEMENT, one.consumer_org, "申请部门"
    bound = binding(standing.clocks)
    due = bound.deadline if bound else None
    return Waiting(
        holder=holder,
        holder_zh=holder_zh,
        for_what=what[0],
        for_what_zh=what[1],
        binding_clock=bound.rule.id if bound else None,
        due_at=due.due_at if due else None,
        overdue=bound is not None and bound.state == "overdue",
        supply_by=one.notices[-1].supply_by if one.awaits_requester else None,
    )


def _sign_offs(one: Application) -> SignOffs:
    given = (one.decision or {}).get("sign_off")
    return SignOffs(requester=one.form.sign_off, provider=given if isinstance(given, dict) else None)


class VersionShown(Model):
    """One version of a form, and which parts differ from the one before."""

    form_version: int
    form: Form
    changed: list[ChangedPart]
    because: str | None = None
    written_by: str
    written_at: datetime


class Versions(Model):
    """Every version of a form, the first one first."""

    items: list[VersionShown]

    @classmethod
    def of(cls, versions: list[Version]) -> "Versions":
        earlier = [None, *(version.form for version in versions)]
        return cls(items=[_version(one, before) for one, before in zip(versions, earlier, strict=False)])


def _version(one: Version, before: Form | None) -> VersionShown:
    return VersionShown(
        form_version=one.number, form=one.form, changed=differences(before, one.form) if before else [],
        because=one.because, written_by=one.written_by, written_at=one.written_at,
    )  # fmt: skip
