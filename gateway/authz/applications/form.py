"""The form of an application (共享申请表), as Decree 809 Art. 20 asks for it, and what can be wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.model import Terms
from gateway.catalog import Description, ModeKind, SharingClass
from gateway.catalog.description import FieldName
from gateway.errors import FieldFault
from gateway.names import is_field_name, is_slug
from gateway.web import Code, Day, Line, Model, Note, Slug


def _purpose(given: object) -> object:
    if isinstance(given, str) and not is_slug(given):
        raise PydanticCustomError(
            "purpose",
            "write lower-case English words joined by hyphens, such as real-estate-registration; "
            "describe the scene in scene",
        )
    return given


def _asked(given: object) -> object:
    if isinstance(given, str) and not is_field_name(given):
        raise PydanticCustomError(
            "asked_field",
            "give the item's name in calls, such as name; the catalogue shows it beside the title",
        )
    return given


Purpose = Annotated[Slug, BeforeValidator(_purpose)]
AskedField = Annotated[FieldName, BeforeValidator(_asked)]


class SignOff(Model):
    """The consent of the head of a department's 共享工作机构 (Decree 809 Art. 20)."""

    name: Line
    position: Line
    on: Day


@dataclass(frozen=True, slots=True)
class Requirement:
    """A part every complete form has: what to say when it is missing, and what to do."""

    fault: str
    fault_zh: str
    remedy: str
    remedy_zh: str


REQUIRED: Final = {
    "basis": Requirement(
        "the legal basis is missing", "缺少使用依据",
        "name the law, regulation or statutory duty with its article", "请写明法律、法规或法定职责依据及具体条款",
    ),
    "scene": Requirement(
        "the scene is missing", "缺少使用场景",
        "say in which matter and at which step the data is used", "请写明在办理什么事项的哪个环节使用",
    ),
    "scope": Requirement(
        "the scope is missing", "缺少使用范围",
        "say who uses the data, where and for whom", "请写明由谁、在哪里、对哪些办事对象使用",
    ),
    "valid_from": Requirement(
        "the first day of use is missing", "缺少使用起始日期",
        "give the day from which the data is needed, as YYYY-MM-DD", "请填写开始使用的日期，格式 YYYY-MM-DD",
    ),
    "valid_until": Requirement(
        "the last day of use is missing", "缺少使用截止日期",
        "give the day until which the data is needed, as YYYY-MM-DD", "请填写使用期限的最后一日，格式 YYYY-MM-DD",
    ),
    "sign_off": Requirement(
        "the consent of the head of your department's sharing office is missing", "缺少本部门共享工作机构负责人审核意见",
        "have the head consent, then give name, position and day", "请先报负责人同意，再填写姓名、职务和日期",
    ),
}  # fmt: skip
"""What Decree 809 Art. 20 asks for and a form may lack while it is filed as incomplete."""


class Asked(Model):
    """What a form asks for, whoever sends it."""

    resource_id: UUID
    basis: Note | None = None
    """使用依据."""
    purpose: Purpose
    """使用场景 as one word, bound into tokens and checked on every call."""
    scene: Note | None = None
    """使用场景 in words."""
    scope: Note | None = None
    """使用范围."""
    mode: ModeKind
    """共享方式."""
    fields: Annotated[list[AskedField], Field(min_length=1, max_length=200)]
    """信息项 asked for."""
    parameters: dict[FieldName, Constraint] = {}
    """Bounds the applicant proposes for parameters."""
    daily_quota: Annotated[int, Field(ge=1, le=10000000)]
    valid_from: Day | None = None
    valid_until: Day | None = None
    """使用时限."""
    matter: Code | None = None
    """事项编码."""


class Form(Asked):
    """共享申请表: what Decree 809 Art. 20 asks for, and the technical bounds. What is :data:`REQUIRED` may be missing."""

    client: Slug
    """应用系统 that will call; of the applying department."""
    sign_off: SignOff | None = None

    def missing(self) -> list[str]:
        """The names of what is :data:`REQUIRED` and not there."""
        return [name for name in REQUIRED if getattr(self, name) is None]

    def terms(self) -> Terms:
        """The bounds as asked for; only of a form that has its period."""
        shared = Terms.model_fields.keys() & Form.model_fields.keys()
        return Terms.model_validate({name: getattr(self, name) for name in shared})


def missing_faults(form: Form) -> list[FieldFault]:
    """One fault for each part that is missing (Decree 809 Art. 20)."""
    return [
        FieldFault(
            f"/{name}",
            f"{REQUIRED[name].fault}: {REQUIRED[name].remedy}",
            f"{REQUIRED[name].fault_zh}：{REQUIRED[name].remedy_zh}",
        )
        for name in form.missing()
    ]


def form_faults(form: Form, description: Description, today: date) -> list[FieldFault]:
    """What is wrong with what a form holds; empty if it may be filed, were it complete."""
    faults = _field_faults(form.fields, description)
    faults += constraint_faults("/parameters", form.parameters, description)
    if form.mode is not description.mode:
        faults.append(
            FieldFault(
                "/mode",
                f"the resource is shared as {description.mode}: choose that",
                f"该资源的共享方式为“{_MODES_ZH[description.mode]}”（{description.mode}），请按此填写",
            )
        )
    if form.daily_quota > description.daily_quota_limit:
        limit = description.daily_quota_limit
        faults.append(
            FieldFault(
                "/daily_quota",
                f"at most {limit} calls a day for this resource",
                f"每日调用量超过该资源上限 {limit} 次，请按实际业务量填写",
            )
        )
    return [*faults, *_date_faults(form, today)]


_MODES_ZH: Final = {ModeKind.INTERFACE: "接口", ModeKind.TABLE: "库表", ModeKind.FILE: "文件"}


def _date_faults(form: Form, today: date) -> list[FieldFault]:
    faults = []
    if form.valid_until is not None and form.valid_until < today:
        faults.append(
            FieldFault("/valid_until", f"lies in the past; today is {today}", f"使用截止日期早于今日（{today}），请改为今日或以后")
        )  # fmt: skip
    elif form.valid_from and form.valid_until and form.valid_until < form.valid_from:
        faults.append(
            FieldFault("/valid_until", f"lies before valid_from, {form.valid_from}", f"使用截止日期早于起始日期 {form.valid_from}")
        )  # fmt: skip
    if form.sign_off is not None and (fault := sign_off_fault(form.sign_off, today)):
        faults.append(fault)
    return faults


def sign_off_fault(sign_off: SignOff, today: date) -> FieldFault | None:
    """A consent that has not been given yet is none."""
    if sign_off.on <= today:
        return None
    return FieldFault(
        "/sign_off/on",
        f"lies in the future; today is {today}",
        f"负责人审核日期晚于今日（{today}），请填写实际审核日期",
    )


def _field_faults(fields: list[str], description: Description) -> list[FieldFault]:
    there = ", ".join(item.name for item in description.items[:_MOST_NAMED])
    there_zh = "、".join(f"{item.title}（{item.name}）" for item in description.items[:_MOST_NAMED])
    faults = []
    for at, name in enumerate(fields):
        item = description.item(name)
        if item is None:
            faults.append(
                FieldFault(f"/fields/{at}", f"not an item of the resource; it has {there}", f"该资源没有此信息项，可申请：{there_zh}")
            )  # fmt: skip
        elif name in fields[:at]:
            faults.append(FieldFault(f"/fields/{at}", "stands twice", "信息项重复，请只保留一个"))
        elif description.class_of(item) is SharingClass.NOT_SHARED and (basis := description.basis_of(item)):
            faults.append(
                FieldFault(
                    f"/fields/{at}",
                    f"{name} is not shared, by {basis.citation}: {basis.reason}",
                    f"“{item.title}”不予共享，依据{basis.citation}：{basis.reason}",
                )
            )
    return faults


_MOST_NAMED: Final = 12


def constraint_faults(
    place: str, constraints: Mapping[str, Constraint], description: Description
) -> list[FieldFault]:
    """What is wrong with bounds of parameters; ``place`` is the pointer of the object that holds them."""
    faults = []
    parameters = {parameter.name: parameter for parameter in description.parameters}
    for name, constraint in constraints.items():
        if name not in parameters:
            faults.append(
                FieldFault(f"{place}/{name}", "not a parameter of the resource", "该资源没有此参数，请删除")
            )
            continue
        title = parameters[name].title
        for at, value in enumerate(constraint.values or ()):
            if fault := parameters[name].fault(value):
                faults.append(
                    FieldFault(f"{place}/{name}/values/{at}", fault, f"“{title}”取值不正确，请核对号码")
                )
    return faults
