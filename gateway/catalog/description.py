"""A resource's description: the core metadata of 发改高技〔2017〕1272号 with what Decree 809 Art. 13–15 adds.

A frozen pydantic value, because it is stored, shown and checked as one document. 信息资源提供方 and its code are the
department that drafts it, 发布日期 is the platform's to set; neither stands here.
"""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Self

import orjson
from pydantic import Field, model_validator

from gateway.catalog.items import (
    DataItem,
    FieldName,
    LegalBasis,
    Parameter,
    ParameterKind,
    ResourceCode,
)
from gateway.catalog.licence import Licence, misfit
from gateway.catalog.value_lists import (
    FORMAT_MODES,
    FORMAT_TYPES,
    GRADE_RANK,
    STRICTNESS,
    BasisKind,
    ContentKind,
    DataType,
    FormatKind,
    Grade,
    ModeKind,
    OtherWay,
    Secrecy,
    SharingClass,
    TokenBinding,
    UpdateCycle,
)
from gateway.web import Line, Model, Note, Slug, disagreement

__all__ = [
    "BasisKind",
    "ContentKind",
    "DataItem",
    "DataType",
    "Description",
    "FieldName",
    "FormatKind",
    "Grade",
    "LegalBasis",
    "ModeKind",
    "OtherWay",
    "Parameter",
    "ParameterKind",
    "ResourceCode",
    "Secrecy",
    "SharingClass",
    "Survey",
    "TokenBinding",
    "UpdateCycle",
    "strictest_offered",
]

Figure = Annotated[int, Field(ge=0, le=10**15)]


class Survey(Model):
    """政务信息资源大普查: six whole figures in the units its form names; 0 if unknown."""

    stored_volume: Figure
    """数据存储总量."""
    stored_records: Figure
    """结构化信息记录总数."""
    shared_volume: Figure
    """已共享的数据存储量."""
    shared_records: Figure
    """已共享的结构化记录数."""
    open_volume: Figure
    """已开放的数据存储量."""
    open_records: Figure
    """已开放的结构化记录数."""


class Description(Model):
    """What the catalogue says of a resource."""

    code: ResourceCode
    """信息资源代码 类项目细目/顺序码."""
    service: Slug
    """The name of its data service in addresses and tokens."""
    name: Line
    """信息资源名称: after the content, not after a system."""
    classification: Annotated[list[Line], Field(min_length=1, max_length=4)]
    """信息资源分类 类, 项, 目, 细目 by name."""
    summary: Note
    """信息资源摘要."""
    format: FormatKind
    """信息资源格式分类."""
    format_type: Line | None = None
    """信息资源格式类型: one of its format's list, in any case of letters."""
    provider_unit: Line | None = None
    """信息资源提供方内部部门."""
    system: Line | None = None
    """所属信息系统 the data comes from."""
    items: Annotated[list[DataItem], Field(min_length=1, max_length=200)]
    """信息项."""
    sharing_class: SharingClass
    """共享类型."""
    conditions: Note | None = None
    """共享条件: scope and use of 有条件共享 (Decree 809 Art. 15)."""
    shared_scope: Note | None = None
    """共享范围, where 共享条件 is stated in parts."""
    shared_use: Note | None = None
    """使用用途, where 共享条件 is stated in parts."""
    use_conditions: Note | None = None
    """使用条件 that bind whoever uses it, whatever the class (Decree 809 Art. 13)."""
    not_shared_basis: LegalBasis | None = None
    """不予共享 only: what forbids it."""
    mode: ModeKind
    """共享方式类型 on the platform."""
    also_by: Annotated[list[OtherWay], Field(max_length=2)] = []
    """共享方式分类 beside the platform."""
    parameters: Annotated[list[Parameter], Field(max_length=20)] = []
    """Parameters of the interface."""
    grade: Grade = Grade.GENERAL
    """分级: the highest of its items and of the whole."""
    category: Line | None = None
    """数据分类 (GB/T 43697), as the department's list names it."""
    must_not_enter: Secrecy | None = None
    """禁止入目录: found to be 国家秘密 or 工作秘密; blocks publication and mounting."""
    update_cycle: UpdateCycle
    """更新周期."""
    open_to_public: bool = False
    """是否向社会开放."""
    open_conditions: Note | None = None
    """开放条件."""
    related: Annotated[list[ResourceCode], Field(max_length=50)] = []
    """关联资源代码."""
    survey: Survey | None = None
    """大普查 figures."""
    daily_quota_limit: Annotated[int, Field(ge=1, le=10000000)] = 100000
    """What one grant may be given at most per day."""
    licence: Licence | None = None
    """电子证照 only: which licence, and how its state is read."""
    token_binding: TokenBinding | None = None
    """令牌要求: what calls must be made with; the platform's setting where it is left out."""
    consent_required: bool = False
    """授权同意: each call names the consent of the person it is about (个人信息保护法 Art. 13(1), 23, 29)."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, what_zh, names in (
            ("items", "信息项", [i.name for i in self.items]),
            ("parameters", "参数", [p.name for p in self.parameters]),
        ):
            if len(set(names)) != len(names):
                raise disagreement("duplicate", f"two {what} have the same name", f"{what_zh}名称重复")
        if any(GRADE_RANK[item.grade] > GRADE_RANK[self.grade] for item in self.items):
            raise disagreement(
                "grade",
                "the grade is at least that of every item (就高从严)",
                "分级不得低于任一信息项（就高从严）",
            )
        return self

    @model_validator(mode="after")
    def _shared_as_its_class_says(self) -> Self:
        if (self.sharing_class is SharingClass.NOT_SHARED) != (self.not_shared_basis is not None):
            raise disagreement(
                "basis",
                "not_shared_basis (law, administrative regulation or State Council decision, with reason) "
                "belongs to not_shared, and only there (Decree 809 Art. 14, 15)",
                "不予共享须且仅其须填写法律、行政法规或国务院决定依据和理由（条例第十四条、第十五条）",
            )
        if (self.sharing_class is SharingClass.CONDITIONAL) != (self.conditions is not None):
            raise disagreement(
                "basis",
                "conditions (scope and use) belong to conditional sharing, and only there (Decree 809 Art. 15)",
                "有条件共享须且仅其须列明共享范围、使用用途等共享条件（条例第十五条）",
            )
        if (self.shared_scope or self.shared_use) and self.sharing_class is not SharingClass.CONDITIONAL:
            raise disagreement(
                "basis",
                "shared_scope and shared_use belong to conditional sharing",
                "共享范围、使用用途仅用于有条件共享",
            )
        if self.sharing_class is SharingClass.NOT_SHARED and self.open_to_public:
            raise disagreement(
                "basis",
                "what departments may not have is not opened to the public",
                "不予共享的资源不得向社会开放",
            )
        return self

    @model_validator(mode="after")
    def _class_is_that_of_its_items(self) -> Self:
        offered = strictest_offered(self.class_of(item) for item in self.items)
        given, withheld = STRICTNESS[self.sharing_class], STRICTNESS[SharingClass.NOT_SHARED]
        if not (given == withheld if offered is None else STRICTNESS[offered] <= given < withheld):
            raise disagreement(
                "item_class",
                "the sharing class is at least that of the strictest item on offer, and not_shared exactly when no item is",
                "共享类型不得宽于所提供信息项中最严的类型；全部信息项不予共享时方为不予共享",
            )
        return self

    @model_validator(mode="after")
    def _shared_as_its_format_allows(self) -> Self:
        types, own = FORMAT_TYPES[self.format], (self.format_type or "").casefold()
        if own and types and own not in {one.casefold() for one in types}:
            raise disagreement(
                "format",
                f"format_type of {self.format} is one of: {', '.join(types)}",
                f"格式类型与格式分类不符，应为：{'、'.join(types)}",
            )
        if self.mode not in FORMAT_MODES[self.format]:
            modes = FORMAT_MODES[self.format]
            raise disagreement(
                "format",
                f"data of format {self.format} is shared as {' or '.join(modes)}, not as {self.mode}",
                "共享方式与格式分类不符：文件类格式只能以文件方式共享，数据库以库表或接口方式共享，服务接口以接口方式共享",
            )
        return self

    @model_validator(mode="after")
    def _licence_fits(self) -> Self:
        if self.licence and (fault := misfit(self.licence, self.items, self.parameters, self.mode)):
            raise disagreement("licence", *fault)
        return self

    @property
    def has_controlled_parameters(self) -> bool:
        """服务接口是否需要管控参数: decides the route of unconditional resources."""
        return any(parameter.controlled for parameter in self.parameters)

    @property
    def is_personal(self) -> bool:
        """Whether any item or parameter is personal information (个人信息)."""
        return any(item.personal for item in self.items) or any(one.personal for one in self.parameters)

    def digest(self) -> str:
        """SHA-256 (hex) of what it says; a member left out and its default are the same."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def item(self, name: str) -> DataItem | None:
        """The item of that name."""
        return next((item for item in self.items if item.name == name), None)

    def class_of(self, item: DataItem) -> SharingClass:
        """共享类型 of one of its items: its own, or the resource's."""
        return item.sharing_class or self.sharing_class

    def basis_of(self, item: DataItem) -> LegalBasis | None:
        """What forbids sharing an item: its own basis, or the resource's; None where it is shared."""
        return item.not_shared_basis or self.not_shared_basis

    def conditions_of(self, item: DataItem) -> str | None:
        """共享条件 of an item; None where it has none."""
        return (
            (item.conditions or self.conditions) if self.class_of(item) is SharingClass.CONDITIONAL else None
        )


def strictest_offered(classes: Iterable[SharingClass]) -> SharingClass | None:
    """The strictest class that still shares; None when all are 不予共享."""
    offered = [one for one in classes if one is not SharingClass.NOT_SHARED]
    return max(offered, key=STRICTNESS.__getitem__, default=None)
