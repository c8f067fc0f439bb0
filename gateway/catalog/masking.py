"""Masking of values, in samples and where a grant says so: by what an item says it is, and by what a value looks like.

Conventions, no national rule: of an id number the last four signs stay, of a phone number three and four, of a name the
surname, of a bank card four, of an address the part down to the county, of a mail address its first sign and domain.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from gateway.catalog.items import DataItem
from gateway.catalog.value_lists import ContentKind, DataType, Grade
from gateway.names import is_id_number, is_org_code

_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_COUNTY: Final = re.compile(r"^.*?(?:县|区|旗)|^.*?市")
_YEAR: Final = re.compile(r"[0-9]{4}-")
_STARS: Final = "****"


def masked(item: DataItem, value: Any) -> Any:
    """``value`` of an item as it may be shown; None, truth values and what is not sensitive stay."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    kind = item.content or _looks_like(text)
    if kind is not None:
        return _MASKS[kind](text)
    return _first_sign(text) if item.personal or item.grade is not Grade.GENERAL else value


def masker(item: DataItem) -> Callable[[Any], Any]:
    """What turns the values of an item into their masked form, whatever its grade; None stays, nothing else is left whole.

    By what the item says its values are; a day keeps its year, a text of unknown content its first sign if it has several,
    numbers and truth values keep nothing.
    """
    mask: Callable[[str], str]
    if item.content is not None:
        mask = _MASKS[item.content]
    elif item.type in (DataType.DATE, DataType.DATETIME):
        mask = _year
    else:
        mask = _by_looks if item.type in (DataType.TEXT, DataType.NOTE) else _nothing
    return lambda value: None if value is None else mask(str(value))


def looks_personal(value: Any) -> bool:
    """Whether a value is an id number or a mobile number, whatever its item says."""
    return isinstance(value, str | int) and _looks_like(str(value)) in (
        ContentKind.ID_NUMBER,
        ContentKind.PHONE,
    )


def content_fault(kind: ContentKind, value: Any) -> bool:
    """Whether a value that claims to be an id number or an organisation code has a wrong check digit."""
    text = str(value)
    return (kind is ContentKind.ID_NUMBER and not is_id_number(text)) or (
        kind is ContentKind.ORG_CODE and not is_org_code(text)
    )


def _looks_like(text: str) -> ContentKind | None:
    if is_id_number(text):
        return ContentKind.ID_NUMBER
    return ContentKind.PHONE if _PHONE.fullmatch(text) else None


def _by_looks(text: str) -> str:
    kind = _looks_like(text)
    if kind is not None:
        return _MASKS[kind](text)
    return _first_sign(text)


def _year(text: str) -> str:
    return f"{text[:4]}{_STARS}" if _YEAR.match(text) else _STARS


def _nothing(_text: str) -> str:
    return _STARS


def _first_sign(text: str) -> str:
    return text[:1] + _STARS if len(text) > 1 else text and _STARS


def _last_four(text: str) -> str:
    return "*" * (len(text) - 4) + text[-4:] if len(text) > 8 else _STARS


def _phone(text: str) -> str:
    return f"{text[:3]}{_STARS}{text[-4:]}" if len(text) >= 11 else _last_four(text)


def _name(text: str) -> str:
    return text[:1] + "*" * min(max(len(text) - 1, 1), 3) if text else text


def _address(text: str) -> str:
    found = _COUNTY.match(text)
    return f"{found[0]}{_STARS}" if found else _first_sign(text)


def _mail(text: str) -> str:
    name, at, domain = text.partition("@")
    return f"{name[:1]}{_STARS}{at}{domain}" if at else _first_sign(text)


_MASKS: Final = {
    ContentKind.ID_NUMBER: _last_four,
    ContentKind.ORG_CODE: _last_four,
    ContentKind.BANK_CARD: _last_four,
    ContentKind.PHONE: _phone,
    ContentKind.PERSON_NAME: _name,
    ContentKind.ADDRESS: _address,
    ContentKind.EMAIL: _mail,
}
