"""Electronic licences (电子证照) as what a resource gives: which licence, which question, and what its states mean.

The type code and the issuing body follow the identification of GB/T 36904-2018, the questions are those of its shared
service (查询, 核验, 亮证). Everything is data of the catalogue entry: the items that carry number, holder and state are named,
and each of the department's own words for a state is given its meaning, so that no word is ever guessed at.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.catalog.items import DataItem, FieldName, Parameter
from gateway.catalog.value_lists import DataType, ModeKind, SharingClass
from gateway.names import is_org_code
from gateway.web import Line, Model, disagreement

_TYPE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}[0-9]{3}")
_TEXTS: Final = frozenset({DataType.TEXT, DataType.NOTE})


class LicenceState(StrEnum):
    """Whether a licence stands. Only the first may be shown as standing."""

    VALID = "valid"
    """有效."""
    SUSPENDED = "suspended"
    """暂扣、中止."""
    REVOKED = "revoked"
    """吊销、撤销、注销."""
    REPLACED = "replaced"
    """已换发."""
    EXPIRED = "expired"
    """过期."""


class Question(StrEnum):
    """What a service of licences answers."""

    QUERY = "query"
    """查询: the licence with its state."""
    VERIFICATION = "verification"
    """核验: only whether the licence of this number and holder stands."""
    CODE_CHECK = "code_check"
    """亮证: the licence behind a short-lived code its holder shows."""


def _type_code(text: str) -> str:
    if not _TYPE.fullmatch(text) or not is_org_code(text[:18]):
        raise disagreement(
            "licence_type",
            "must be the code of the body that defined the type (GB 32100) and three digits (GB/T 36904)",
            "须为证照类型定义机构的统一社会信用代码加三位顺序号（GB/T 36904）",
        )
    return text


def _issuer(text: str) -> str:
    if not is_org_code(text):
        raise disagreement("org_code", "must be a valid 统一社会信用代码", "须为有效的统一社会信用代码")
    return text


class Licence(Model):
    """What kind of licence a resource gives, and how to read its records.

    ``number``, ``holder``, ``state``, ``valid_until`` and ``document`` name data items; ``code`` names a parameter.
    """

    type_code: Annotated[str, StringConstraints(max_length=21), AfterValidator(_type_code)]
    """证照类型代码."""
    type_name: Line
    """证照名称."""
    issuer: Annotated[str, AfterValidator(_issuer)]
    """颁发机构."""
    question: Question
    number: FieldName
    """证照号码."""
    holder: FieldName
    """持证主体代码."""
    state: FieldName
    """证照状态; it leaves as one of :class:`LicenceState`."""
    states: Annotated[dict[Line, LicenceState], Field(min_length=1, max_length=50)]
    """The department's words for states, each with its meaning; any other word stops the answer."""
    valid_until: FieldName | None = None
    """有效期截止日期: a day; empty or 长期 has no end."""
    document: FieldName | None = None
    """The licence file, OFD or PDF in base64; it leaves only while the licence is valid."""
    document_is_sealed: bool = False
    """The file's seals are verified before it leaves."""
    code: FieldName | None = None
    """亮证 only: the parameter that carries the code; its life is the department's to check."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if (self.question is Question.CODE_CHECK) != (self.code is not None):
            raise disagreement(
                "licence", "code belongs to code_check, and only there", "code 仅用于且必须用于亮证核验"
            )
        if self.question is Question.VERIFICATION and self.document is not None:
            raise disagreement(
                "licence",
                "a verification answers yes or no and gives no document",
                "核验仅回答状态，不提供证照文件",
            )
        if self.document_is_sealed and self.document is None:
            raise disagreement(
                "licence", "document_is_sealed needs document", "document_is_sealed 须同时指明 document"
            )
        if LicenceState.VALID not in self.states.values():
            raise disagreement("licence", "no word means valid", "states 中没有表示有效的取值")
        return self

    def needed_items(self) -> tuple[str, ...]:
        """The items its reading needs, whether or not they leave."""
        return tuple(name for name in self.named_items() if name != self.document)

    def named_items(self) -> tuple[str, ...]:
        """Every item it names."""
        named = (self.number, self.holder, self.state, self.valid_until, self.document)
        return tuple(name for name in named if name is not None)


def misfit(
    licence: Licence, items: Iterable[DataItem], parameters: Iterable[Parameter], mode: ModeKind
) -> tuple[str, str] | None:
    """What of a licence does not fit the entry it stands in, in both languages; None if nothing."""
    known = {item.name: item for item in items}
    taken = {parameter.name: parameter for parameter in parameters}
    return next(_misfits(licence, known, taken, mode), None)


def _misfits(
    licence: Licence, items: dict[str, DataItem], taken: dict[str, Parameter], mode: ModeKind
) -> Iterator[tuple[str, str]]:
    if foreign := sorted(set(licence.named_items()) - items.keys()):
        yield (
            f"the licence names unknown items: {', '.join(foreign)}",
            f"证照引用了不存在的信息项：{'、'.join(foreign)}",
        )
        return
    if items[licence.state].sharing_class is SharingClass.NOT_SHARED:
        yield "the state of a licence is always shared with it", "证照状态不得设为不予共享"
    for name in (licence.number, licence.holder, licence.state, licence.document):
        if name is not None and items[name].type not in _TEXTS:
            yield f"{name} must be of type C or M", f"信息项 {name} 的类型须为 C 或 M"
    if licence.valid_until is not None and items[licence.valid_until].type not in (DataType.DATE, *_TEXTS):
        yield (
            f"{licence.valid_until} must be of type D or C",
            f"信息项 {licence.valid_until} 的类型须为 D 或 C",
        )
    if licence.question is Question.VERIFICATION:
        for name in (licence.number, licence.holder):
            if name not in taken or not taken[name].required:
                yield (
                    f"a verification asks by number and holder: {name} must be a required parameter",
                    f"核验须同时提供证照号码与持证主体：{name} 须为必填参数",
                )
    if licence.code is not None:
        if licence.code not in taken or not taken[licence.code].required or not taken[licence.code].personal:
            yield (
                f"{licence.code} must be a required parameter marked personal, so that it never stands in an address",
                f"{licence.code} 须为必填参数并标注为个人信息，避免出现在地址中",
            )
        if mode is not ModeKind.INTERFACE:
            yield "a shown code is checked by the department's interface", "亮证码须由提供部门接口核验"
