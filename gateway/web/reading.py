"""Reading what callers send: strictly, bounded in size and time, with every fault named.

Common JSON parsers keep the last of two equal keys in silence; one party then sees another request than the next
(RFC 8259 section 4), so duplicates are refused.
"""

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import parse_qsl

from aiohttp.web import BaseRequest
from pydantic import ValidationError

from gateway.errors import FieldFault, Invalid, Malformed
from gateway.names import has_control_signs
from gateway.web.model import Model
from gateway.web.problems import WrongMediaType, too_large, too_slow

M = TypeVar("M", bound=Model)

MOST_MEMBERS: Final = 256
MOST_VALUES: Final = 50_000
"""Bounds of one JSON body: members of one object, and values in all; checking more would hold up every other caller."""

_LONGEST_SAID: Final = 300
_SAID_ZH: Final = {
    "missing": "缺少必填字段",
    "extra_forbidden": "未声明的字段",
    "string_type": "应为字符串",
    "string_too_long": "内容过长",
    "string_too_short": "内容过短",
    "string_pattern_mismatch": "格式不正确",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "enum": "不在允许的取值范围内",
    "literal_error": "不在允许的取值范围内",
    "union_tag_invalid": "类型标识不在允许的取值范围内",
    "union_tag_not_found": "缺少类型标识",
    "date_from_datetime_parsing": "应为日期（YYYY-MM-DD）",
    "date_parsing": "应为日期（YYYY-MM-DD）",
    "date_type": "应为日期（YYYY-MM-DD）",
    "day": "应为日期（YYYY-MM-DD）",
    "instant": "应为带时区的时间",
    "count": "应为不带符号的整数",
    "line": "应为单行文字",
    "datetime_parsing": "应为带时区的时间",
    "timezone_aware": "应为带时区的时间",
    "uuid_parsing": "应为 UUID",
    "uuid_type": "应为 UUID",
    "greater_than": "数值过小",
    "greater_than_equal": "数值过小",
    "less_than": "数值过大",
    "less_than_equal": "数值过大",
    "too_short": "条目过少",
    "too_long": "条目过多",
    "blank": "不得为空白",
    "control_character": "不得包含控制字符",
    "purpose": "使用场景代码应为小写英文单词并以连字符连接，例如 real-estate-registration；场景说明请写在 scene",
    "asked_field": "请填写信息项的英文名（如 name），目录中列在中文名称旁",
    "slug": "应为小写英文单词，以连字符连接",
    "org_code": "不是有效的统一社会信用代码（GB 32100 校验不符）",
    "resource_code": "不是有效的信息资源代码，例如 307011024701/000001",
    "field_name": "应为小写英文标识，例如 marriage_status",
    "duplicate": "内容重复",
    "period": "时间范围不正确",
    "jwk": "公钥不可接受",
    "email": "不是有效的电子邮箱地址",
    "webhook": "不是有效的 http(s) 回调地址",
    "parameter": "参数取值不正确",
    "mount": "挂接信息不正确",
    "basis": "缺少或不符合法定依据",
}


async def read_body(request: BaseRequest, most_bytes: int, within_seconds: float) -> bytes:
    """The whole body.

    Raises:
        TooLarge: more than ``most_bytes``; nothing beyond the limit is read.
        TooSlow: not complete within ``within_seconds``.
    """
    if (request.content_length or 0) > most_bytes:
        raise too_large(most_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(within_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most_bytes:
                    raise too_large(most_bytes)
    except TimeoutError:
        raise too_slow(within_seconds) from None
    return bytes(body)


class Typed(Protocol):
    """What says of what media type its body is."""

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""


def check_kind(request: Typed, kinds: tuple[str, ...]) -> None:
    """Raises WrongMediaType: what is sent is none of the media types ``kinds``."""
    if request.content_type not in kinds:
        named = ", ".join(kinds)
        raise WrongMediaType(f"Content-Type must be one of: {named}", f"Content-Type 须为以下之一：{named}")


def read_json(request: Typed, body: bytes, depth: int) -> Any:
    """Parse a JSON body without tolerance.

    Raises:
        WrongMediaType: Content-Type is not ``application/json``.
        Malformed: not JSON; duplicate keys; NaN; too deep; lone surrogates; integers beyond 2^53; decimals beyond
            a double; more than ``MOST_MEMBERS`` members in an object or ``MOST_VALUES`` values in all.
    """
    if request.content_type != "application/json":
        raise WrongMediaType("Content-Type must be application/json", "Content-Type 须为 application/json")
    value = parse_json(body, depth)
    _check_size(value)
    return value


def parse_json(body: bytes, depth: int) -> Any:
    """Like :func:`read_json`, for bytes from anywhere and of any number of values."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_small,
            parse_float=_finite,
        )
        _check_depth(value, depth)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except Malformed:
        raise
    except (ValueError, RecursionError) as fault:
        where = f" at position {fault.pos}" if isinstance(fault, json.JSONDecodeError) else ""
        raise Malformed(
            f"the body is not acceptable JSON{where}", f"请求体不是可接受的 JSON{where}"
        ) from None
    return value


def read_form(request: BaseRequest, body: bytes) -> dict[str, str]:
    """Parse a form body (``application/x-www-form-urlencoded``), each name once.

    Raises:
        WrongMediaType: another Content-Type.
        Malformed: badly escaped, or a name twice (RFC 6749 section 3.2).
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise WrongMediaType(
            "Content-Type must be application/x-www-form-urlencoded",
            "Content-Type 须为 application/x-www-form-urlencoded",
        )
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=50,
        )
    except ValueError:
        raise Malformed("the form is badly encoded", "表单编码不正确") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the form names a parameter twice", "表单参数重复")
    return found


def validated(kind: type[M], value: Any, *, strict: bool) -> M:
    """``value`` as a ``kind``.

    Args:
        strict: for JSON (a number is a number); not for query strings and forms.

    Raises:
        Invalid: with one fault per field.
    """
    if faults := list(_odd_texts(value, "")):
        raise Invalid(*faults)
    try:
        if strict:
            return kind.model_validate_json(json.dumps(value, ensure_ascii=False), strict=True)
        return kind.model_validate(value)
    except ValidationError as wrong:
        raise Invalid(*(_fault(error, value) for error in wrong.errors(include_url=False))) from None


def _fault(error: Any, value: Any) -> FieldFault:
    said_zh = error.get("ctx", {}).get("zh") or _SAID_ZH.get(error["type"], "取值不正确")
    return FieldFault(
        _pointer(error["loc"], value, error["type"]), str(error["msg"])[:_LONGEST_SAID], said_zh
    )


def _pointer(place: tuple[int | str, ...], value: Any, kind: str) -> str:
    """Where in the caller's document; the tags of unions and marks of keys that pydantic adds are left out."""
    pointer, here = "", value
    for index, step in enumerate(place):
        held = step in here if isinstance(here, dict) else isinstance(here, list) and isinstance(step, int)
        if held:
            here = here[step]
        elif kind != "missing" or index < len(place) - 1:
            continue
        pointer += _step(step)
    return pointer[:_LONGEST_SAID]


def _step(name: int | str) -> str:
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _odd_texts(value: Any, pointer: str) -> Iterator[FieldFault]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _odd_texts(name, pointer + _step(name))
            yield from _odd_texts(inner, pointer + _step(name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _odd_texts(inner, pointer + _step(at))
    elif isinstance(value, str) and has_control_signs(value):
        yield FieldFault(pointer[:_LONGEST_SAID], "must not contain control characters", "不得包含控制字符")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the JSON names a member twice in one object", "JSON 对象中存在重复的键")
    return found


def _no_constant(name: str) -> Any:
    raise Malformed(f"{name} is not JSON", f"{name} 不是合法的 JSON 值")


def _small(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > 2**53:
        raise Malformed("an integer is beyond 2^53", "整数超出 2^53")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise Malformed("a number is beyond the range of a double", "数值超出双精度范围")
    return value


def _check_depth(value: Any, left: int) -> None:
    if isinstance(value, dict | list):
        if left == 0:
            raise Malformed("the JSON is nested too deeply", "JSON 嵌套过深")
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)


def _check_size(value: Any) -> int:
    """How many values there are; every one of them may become a fault that has to be said."""
    if not isinstance(value, dict | list):
        return 1
    if isinstance(value, dict) and len(value) > MOST_MEMBERS:
        raise Malformed(
            f"a JSON object has more than {MOST_MEMBERS} members", f"JSON 对象的成员超过 {MOST_MEMBERS} 个"
        )
    count = 1 + sum(_check_size(inner) for inner in (value.values() if isinstance(value, dict) else value))
    if count > MOST_VALUES:
        raise Malformed(f"the JSON holds more than {MOST_VALUES} values", f"JSON 中的值超过 {MOST_VALUES} 个")
    return count
