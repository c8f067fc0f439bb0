"""A resource's description: the core metadata of 发改高技〔2017〕1272号 with what Decree 809 Art. 13–15 adds.

A frozen pydantic value, because it is stored, shown and checked as one document.
"""

import hashlib
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

import orjson
from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gateway.names import is_field_name, is_id_number, is_org_code, is_resource_code
from gateway.web import Code, Line, Model, Note, Slug


class SharingClass(StrEnum):
    """共享类型 (Decree 809 Art. 14)."""

    UNCONDITIONAL = "unconditional"
    """无条件共享."""
    CONDITIONAL = "conditional"
    """有条件共享."""
    NOT_SHARED = "not_shared"
    """不予共享."""


class BasisKind(StrEnum):
    """What may forbid sharing: nothing below these (Decree 809 Art. 14)."""

    LAW = "law"
    """法律."""
    REGULATION = "administrative_regulation"
    """行政法规."""
    DECISION = "state_council_decision"
    """国务院决定."""


class Grade(StrEnum):
    """数据分级 (GB/T 43697-2024)."""

    GENERAL = "general"
    """一般."""
    IMPORTANT = "important"
    """重要."""
    CORE = "core"
    """核心: never shared through this gateway."""


class Secrecy(StrEnum):
    """What is no government data by Decree 809 Art. 3 and must not enter: neither listed nor mounted."""

    STATE_SECRET = "state_secret"
    """国家秘密."""
    WORK_SECRET = "work_secret"
    """工作秘密."""


class DataType(StrEnum):
    """数据类型 of an item (1272 号)."""

    TEXT = "C"
    NUMBER = "N"
    MONEY = "Y"
    DATE = "D"
    DATETIME = "T"
    BOOLEAN = "L"
    NOTE = "M"
    GENERIC = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"


class UpdateCycle(StrEnum):
    """更新周期."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"


class ModeKind(StrEnum):
    """共享方式 on the platform: 接口, 库表, 文件."""

    INTERFACE = "interface"
    TABLE = "table"
    FILE = "file"


class FormatKind(StrEnum):
    """格式分类."""

    ELECTRONIC_FILE = "electronic_file"
    SPREADSHEET = "spreadsheet"
    DATABASE = "database"
    IMAGE = "image"
    STREAM = "stream"
    SELF_DESCRIBING = "self_describing"
    SERVICE = "service"


class ParameterKind(StrEnum):
    """What values a parameter takes."""

    ORG_CODE = "org_code"
    """统一社会信用代码, check digit verified (GB 32100)."""
    ID_NUMBER = "id_number"
    """公民身份号码, date and check digit verified (GB 11643)."""
    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"


def _field_name(text: str) -> str:
    if not is_field_name(text):
        raise PydanticCustomError("field_name", "must be a lower-case identifier of at most 40 characters")
    return text


def _resource_code(text: str) -> str:
    if not is_resource_code(text):
        raise PydanticCustomError("resource_code", "must look like 307011024701/000001")
    return text


FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_field_name)]
ResourceCode = Annotated[
    str, StringConstraints(pattern=r"^[123][0-9]{5,17}/[0-9]{1,12}$"), AfterValidator(_resource_code)
]


class DataItem(Model):
    """信息项: one field of the data; ``element`` is its code in the national or a local dictionary (数据元标识符)."""

    name: FieldName
    title: Line
    type: DataType
    length: Annotated[int, Field(ge=1, le=1000000)] | None = None
    grade: Grade = Grade.GENERAL
    personal: bool = False
    element: Code | None = None


class Parameter(Model):
    """A parameter of the resource's interface; ``controlled`` marks a 管控参数."""

    name: FieldName
    title: Line
    kind: ParameterKind
    required: bool = True
    controlled: bool = False
    personal: bool = False
    longest: Annotated[int, Field(ge=1, le=200)] = 64
    choices: Annotated[list[Line], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        if (self.kind is ParameterKind.CHOICE) != bool(self.choices):
            raise PydanticCustomError("parameter", "choices belong to the kind choice, and only there")
        return self

    def fault(self, value: str) -> str:
        """Why ``value`` is not one of this parameter's values, or an empty text."""
        if len(value) > self.longest:
            return f"longer than {self.longest} characters"
        match self.kind:
            case ParameterKind.ORG_CODE:
                good = is_org_code(value)
            case ParameterKind.ID_NUMBER:
                good = is_id_number(value)
            case ParameterKind.INTEGER:
                good = re.fullmatch(r"-?[0-9]{1,15}", value) is not None
            case ParameterKind.DATE:
                good = _is_date(value)
            case ParameterKind.CHOICE:
                good = value in (self.choices or ())
            case ParameterKind.TEXT:
                good = bool(value) and value.isprintable()
        return "" if good else f"not a valid {self.kind}"


class LegalBasis(Model):
    """Why data may not be shared: reason and basis, both mandatory (Decree 809 Art. 15)."""

    kind: BasisKind
    citation: Line
    reason: Note


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
    items: Annotated[list[DataItem], Field(min_length=1, max_length=200)]
    """信息项."""
    sharing_class: SharingClass
    """共享类型."""
    conditions: Note | None = None
    """共享条件: scope and use of 有条件共享 (Decree 809 Art. 15)."""
    not_shared_basis: LegalBasis | None = None
    """不予共享 only: what forbids it."""
    mode: ModeKind
    """共享方式."""
    parameters: Annotated[list[Parameter], Field(max_length=20)] = []
    """Parameters of the interface."""
    grade: Grade = Grade.GENERAL
    """分级: the highest of its items and of the whole."""
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
    daily_quota_limit: Annotated[int, Field(ge=1, le=10000000)] = 100000
    """What one grant may be given at most per day."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, names in (
            ("items", [i.name for i in self.items]),
            ("parameters", [p.name for p in self.parameters]),
        ):
            if len(set(names)) != len(names):
                raise PydanticCustomError("duplicate", "two {what} have the same name", {"what": what})
        if (self.sharing_class is SharingClass.NOT_SHARED) != (self.not_shared_basis is not None):
            raise PydanticCustomError(
                "basis", "not_shared_basis (law, administrative regulation or State Council decision, with reason) "
                "belongs to not_shared, and only there (Decree 809 Art. 14, 15)",
            )  # fmt: skip
        if (self.sharing_class is SharingClass.CONDITIONAL) != (self.conditions is not None):
            raise PydanticCustomError(
                "basis",
                "conditions (scope and use) belong to conditional sharing, and only there (Decree 809 Art. 15)",
            )
        if any(_RANK[item.grade] > _RANK[self.grade] for item in self.items):
            raise PydanticCustomError("basis", "the grade is at least that of every item (就高从严)")
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


_RANK = {Grade.GENERAL: 0, Grade.IMPORTANT: 1, Grade.CORE: 2}


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
