"""An application and its life by the seed rule.

Rule: 庆政办发〔2018〕132号 item 22. The platform reviews; it provides itself what is unconditional without controlled
parameters; everything else goes to the providing department; what is not shared has no route.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.authz.applications.form import Form
from gateway.authz.applications.notice import Notice
from gateway.catalog import Description, SharingClass
from gateway.deadlines import Happening
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId


class Route(StrEnum):
    """平台直接提供, 部门受理."""

    DIRECT = "direct"
    DEPARTMENT = "department"


class State(StrEnum):
    """已提交, 已受理, 不予受理, 已同意, 已提供, 不同意, 已撤回."""

    FILED = "filed"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    APPROVED = "approved"
    PROVIDED = "provided"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReviewFault(StrEnum):
    """What the conformity review found (规范性审查)."""

    BASIS = "basis_missing_or_unsuitable"
    """使用依据缺失或不适用."""
    SCENE = "scene_unclear"
    """使用场景不明确."""
    SCOPE = "scope_excessive"
    """使用范围超出履职需要."""
    PERIOD = "period_unreasonable"
    """使用时限不合理."""
    SIGN_OFF = "sign_off_unsuitable"
    """负责人审核意见不符合要求."""
    OTHER = "other"
    """其他."""


class RefusalReason(StrEnum):
    """Why a provider does not agree (Decree 809 Art. 21: reasons must be stated)."""

    NO_BASIS = "no_legal_basis"
    """缺乏法定依据."""
    CONDITIONS = "conditions_not_met"
    """不符合目录所列共享条件."""
    NOT_NECESSARY = "not_necessary_for_duty"
    """非履职必需."""
    SECURITY = "security_risk"
    """存在安全风险."""
    OTHER = "other"
    """其他."""


@dataclass(frozen=True, slots=True)
class Application:
    """共享申请 as stored; ``cause`` is the audit record of its last step, ``acts`` those on its clocks so far."""

    id: ApplicationId
    resource_id: ResourceId
    resource_version: int
    consumer_org: OrgCode
    provider_org: OrgCode
    client_id: ClientId
    sharing_class: SharingClass
    route: Route
    state: State
    rule_sets: tuple[str, ...]
    form: Form
    review: dict[str, object] | None
    decision: dict[str, object] | None
    filed_by: str
    filed_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    provided_at: datetime | None
    closed_at: datetime | None
    version: int
    cause: Cause
    acts: tuple[Happening, ...] = ()
    form_version: int = 1
    """Counts the versions of the form; ``version`` counts the steps."""
    amended_by: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    renews: GrantId | None = None
    """The grant it is to go on after."""

    @property
    def writers(self) -> frozenset[str]:
        """Who wrote a version of its form; none of them may act on it for another side."""
        return frozenset({self.filed_by, *self.amended_by})

    @property
    def awaits_requester(self) -> bool:
        """Whether a notice of this version waits for the requester's answer."""
        return bool(self.closed_at is None and self.notices and self.notices[-1].answered_at is None)

    def may_be_refused(self, today: date) -> bool:
        """Whether what is missing was told, and answered or not answered in time (Decree 809 Art. 21)."""
        if self.awaits_requester:
            return today > self.notices[-1].supply_by
        return not self.form.missing() or bool(self.notices)

    @property
    def was_accepted(self) -> bool:
        """Whether it passed the review, whatever became of it; before, the provider is no party to it."""
        return self.reviewed_at is not None and self.state is not State.NOT_ACCEPTED


class Holder(StrEnum):
    """Who has an open application: the department that applied, the platform, or the provider."""

    REQUESTER = "requester"
    PLATFORM = "platform"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of applications is narrowed by; all given must hold."""

    state: State | None = None
    resource_id: UUID | None = None
    provider_org: str | None = None
    matter: str | None = None
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a form: who wrote it when, and why it was changed (None for the first)."""

    number: int
    form: Form
    because: str | None
    written_by: str
    written_at: datetime


def route_of(description: Description) -> Route | None:
    """The route of applications for a resource; None for 不予共享."""
    if description.sharing_class is SharingClass.NOT_SHARED:
        return None
    conditional = description.sharing_class is SharingClass.CONDITIONAL
    return Route.DEPARTMENT if conditional or description.has_controlled_parameters else Route.DIRECT
