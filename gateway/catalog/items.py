"""Data items (信息项) and parameters of a resource: what each is, and what it may hold."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.audit import SubjectKind
from gateway.catalog.value_lists import BasisKind, ContentKind, DataType, Grade, SharingClass
from gateway.names import is_field_name, is_id_number, is_org_code, is_resource_code
from gateway.web import Code, Line, Model, Note, disagreement


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


_NAMING: Final = {
    ParameterKind.ID_NUMBER: SubjectKind.ID_NUMBER,
    ParameterKind.ORG_CODE: SubjectKind.ORG_CODE,
}


def _field_name(text: str) -> str:
    if not is_field_name(text):
        raise disagreement(
            "field_name",
            "must be a lower-case identifier of at most 40 characters",
            "须为小写英文标识符，至多 40 个字符",
        )
    return text


def _resource_code(text: str) -> str:
    if not is_resource_code(text):
        raise disagreement(
            "resource_code",
            "must look like 307011024701/000001",
            "须形如 307011024701/000001（类项目细目/顺序码）",
        )
    return text


FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_field_name)]
ResourceCode = Annotated[
    str, StringConstraints(pattern=r"^[123][0-9]{5,17}/[0-9]{1,12}$"), AfterValidator(_resource_code)
]


class LegalBasis(Model):
    """Why data may not be shared: reason and basis, both mandatory (Decree 809 Art. 15)."""

    kind: BasisKind
    citation: Line
    reason: Note


class DataItem(Model):
    """信息项: one field of the data.

    Sharing attributes of its own (共享类型, 共享条件, 不予共享依据) stand here only where they differ from the resource's.
    """

    name: FieldName
    title: Line
    type: DataType
    custom_type: Line | None = None
    """The department's own name of the type, exactly for 自定义."""
    length: Annotated[int, Field(ge=1, le=1000000)] | None = None
    grade: Grade = Grade.GENERAL
    personal: bool = False
    content: ContentKind | None = None
    """What its values are, for masking and check digits."""
    sharing_class: SharingClass | None = None
    conditions: Note | None = None
    not_shared_basis: LegalBasis | None = None
    element: Code | None = None
    """Its code in the national or a local dictionary (数据元标识符)."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.type is DataType.CUSTOM) != (self.custom_type is not None):
            raise disagreement(
                "item",
                "custom_type belongs to the type U, and only there",
                "custom_type 仅用于且必须用于自定义类型 U",
            )
        if (self.sharing_class is SharingClass.NOT_SHARED) != (self.not_shared_basis is not None):
            raise disagreement(
                "item",
                "not_shared_basis (law, administrative regulation or State Council decision, with reason) belongs to a "
                "not_shared item, and only there (Decree 809 Art. 14, 15)",
                "不予共享的信息项须且仅其须填写法律、行政法规或国务院决定依据和理由（条例第十四条、第十五条）",
            )
        if self.conditions is not None and self.sharing_class is not SharingClass.CONDITIONAL:
            raise disagreement(
                "item", "conditions belong to a conditional item only", "仅有条件共享的信息项填写共享条件"
            )
        return self


class Parameter(Model):
    """A parameter of the resource's interface; ``controlled`` marks a 管控参数.

    ``subject`` says that its values name whom a call is about (当事人): audit records then carry a pseudonym of the value.
    公民身份号码 and 统一社会信用代码 do so without being told.
    """

    name: FieldName
    title: Line
    kind: ParameterKind
    required: bool = True
    controlled: bool = False
    personal: bool = False
    subject: SubjectKind | None = None
    longest: Annotated[int, Field(ge=1, le=200)] = 64
    choices: Annotated[list[Line], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        if (self.kind is ParameterKind.CHOICE) != bool(self.choices):
            raise disagreement(
                "parameter",
                "choices belong to the kind choice, and only there",
                "choices 仅用于且必须用于 choice 类参数",
            )
        return self

    @property
    def names(self) -> SubjectKind | None:
        """What kind of subject its values name, if any."""
        return self.subject or _NAMING.get(self.kind)

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


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
