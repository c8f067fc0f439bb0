"""What is wrong with an entry although each of its cells may be right by itself: the lints of catalogues people made."""

import re
from collections.abc import Iterator
from typing import Any, Final

from gateway.catalog.sheets import values
from gateway.catalog.value_lists import FORMAT_MODES, FORMAT_TYPES, FormatKind, Grade, SharingClass
from gateway.names import is_org_code

Finding = tuple[str, str, dict[str, Any]]
"""Key of the column, code of the fault, details."""

_TAIL: Final = re.compile(r"(.*?)([0-9]{1,15})")
_SYSTEM: Final = re.compile(
    r".*(?:系统|平台|软件|网站|门户|小程序|客户端|APP|OA)(?:v?[0-9.]+)?(?:的?(?:数据|信息|数据库|数据表))?",
    re.I,
)
_ORG_CODE_LENGTH: Final = 18
_UNCONDITIONAL: Final = frozenset({"无条件", "无条件共享", "无", "/", "-"})


def has_drifted(before: str, after: str) -> bool:
    """Whether ``after`` is ``before`` with its last number one higher, as a spreadsheet fills when dragged."""
    first, second = _TAIL.fullmatch(before), _TAIL.fullmatch(after)
    return bool(first and second and first[1] == second[1] and int(second[2]) == int(first[2]) + 1)


def entry_lints(found: dict[str, Any], own_code: str, own_name: str) -> Iterator[Finding]:
    """The faults of an entry's first row; ``found`` holds the values of its good cells by key."""
    yield from _provider(found, own_code, own_name)
    if (name := found.get("name")) and _SYSTEM.fullmatch(name):
        yield "name", "named-after-system", {"value": name}
    yield from _class(found)
    yield from _format(found)
    yield from sharing_lints(found)
    if found.get("grade") is Grade.CORE:
        yield "grade", "grade", {}


def _provider(found: dict[str, Any], own_code: str, own_name: str) -> Iterator[Finding]:
    code, name = found.get("provider_code"), found.get("provider")
    if code is not None and code != own_code:
        details = {"value": code, "count": len(code), "own": own_code}
        if len(code) < _ORG_CODE_LENGTH:
            yield "provider_code", "short-provider-code", details
        elif not is_org_code(code):
            yield "provider_code", "bad-provider-code", details
        else:
            yield "provider_code", "other-provider-code", details
    if name is not None and values.folded(name) != values.folded(own_name):
        yield "provider", "other-provider", {"value": name, "own": own_name}


def _class(found: dict[str, Any]) -> Iterator[Finding]:
    code, level = found.get("code"), found.get("class_1")
    if code and level and values.CLASS_DIGITS[code[0]] != level:
        wanted = values.CLASS_DIGITS[code[0]]
        yield "class_1", "class-of-code", {"value": level, "code": code, "digit": code[0], "wanted": wanted}


def _format(found: dict[str, Any]) -> Iterator[Finding]:
    kind: FormatKind | None = found.get("format")
    if kind is None:
        return
    label, type_, mode = values.FORMATS.label(kind), found.get("format_type"), found.get("mode")
    allowed = FORMAT_TYPES[kind]
    if type_ and allowed and type_.casefold().lstrip(".") not in {one.casefold() for one in allowed}:
        yield "format_type", "format-type", {"value": type_, "format": label, "allowed": "、".join(allowed)}
    if mode is not None and mode not in FORMAT_MODES[kind]:
        modes = "、".join(values.MODES.label(one) for one in FORMAT_MODES[kind])
        yield "mode", "mode-of-format", {"value": values.MODES.label(mode), "format": label, "allowed": modes}


def sharing_lints(found: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong between 共享类型, 共享条件 and the basis of one row."""
    sharing, conditions = found.get("sharing"), found.get("conditions")
    if sharing is SharingClass.NOT_SHARED:
        for key in ("conditions", "basis", "reason"):
            if not found.get(key):
                yield key, "no-basis", {}
        return
    for key in ("basis", "reason"):
        if found.get(key):
            yield key, "spare-basis", {}
    if sharing is SharingClass.CONDITIONAL and (not conditions or conditions in _UNCONDITIONAL):
        yield "conditions", "no-conditions", {}
    if sharing is SharingClass.UNCONDITIONAL and conditions and conditions not in _UNCONDITIONAL:
        yield "conditions", "spare-conditions", {"value": conditions}
