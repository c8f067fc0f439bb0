"""A second opinion on calls: the rules read again from their text, one after the other, as naively as can be.

Written from the law and the grant's documentation, not from the compiled decision: no code is shared with it but the
names of the reasons.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

_BEIJING = timezone(timedelta(hours=8))
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def reasons(
    grant: dict[str, Any], what: dict[str, Any], call: dict[str, Any], now: datetime
) -> Iterator[str]:
    """Every reason against the call, in the order in which a caller is told.

    Args:
        grant: the columns of a grant and its ``terms``, as JSON.
        what: the resource's description, as JSON.
        call: client, service, purpose, parameters, fields, matter, case, operator, consent.
    """
    terms, rules, local = grant["terms"], grant["terms"]["rules"], now.astimezone(_BEIJING)
    if grant["state"] == "revoked":
        yield "grant-revoked"
    if grant["state"] == "ended":
        yield "grant-ended"
    if grant["state"] == "suspended":
        yield "suspended-by-authority" if grant["held_by"] == "authority" else "grant-suspended"
    if local.date().isoformat() < terms["valid_from"]:
        yield "grant-not-yet-valid"
    if local.date().isoformat() > terms["valid_until"]:
        yield "grant-expired"
    for name, reason in (
        ("client", "wrong-client"),
        ("service", "wrong-service"),
        ("purpose", "wrong-purpose"),
    ):
        if call[name] != grant[name]:
            yield reason
    if terms.get("matter") and call["matter"] != terms["matter"]:
        yield "wrong-matter"
    if rules["case_required"] and call["case"] in (None, ""):
        yield "case-missing"
    if rules["operator_required"] and call["operator"] in (None, ""):
        yield "operator-missing"
    if what["consent_required"] and call["consent"] in (None, ""):
        yield "consent-missing"
    if rules.get("hours"):
        clock = local.strftime("%H:%M")
        if not (rules["hours"]["start"] <= clock and clock < rules["hours"]["end"]):
            yield "outside-hours"
    yield from _of_the_resource(terms, what)
    yield from _of_the_parameters(terms, what, call)
    for field in call["fields"] or []:
        if field not in terms["fields"]:
            yield "field-outside-grant"
    for field in call["fields"] or []:
        if field not in [item["name"] for item in what["items"]]:
            yield "field-withdrawn"


def _of_the_resource(terms: dict[str, Any], what: dict[str, Any]) -> Iterator[str]:
    if what["sharing_class"] == "not_shared":
        yield "resource-not-shared"
    if what["grade"] == "core":
        yield "core-data"
    declared = [parameter["name"] for parameter in what["parameters"]]
    if any(name not in declared for name in terms["parameters"]):
        yield "grant-outdated"
    if all(field not in [item["name"] for item in what["items"]] for field in terms["fields"]):
        yield "grant-outdated"


def _of_the_parameters(terms: dict[str, Any], what: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    given = call["parameters"]
    declared = {parameter["name"]: parameter for parameter in what["parameters"]}
    for name in given:
        if name not in declared or not _fits(declared[name], given[name]):
            yield "parameter-wrong"
    for name, parameter in declared.items():
        if parameter["required"] and name not in given:
            yield "parameter-wrong"
    for name, bound in terms["parameters"].items():
        if name not in given:
            yield "parameter-outside-grant"
        elif bound.get("values") is not None:
            if given[name] not in bound["values"]:
                yield "parameter-outside-grant"
        elif given[name][: len(bound["prefix"])] != bound["prefix"]:
            yield "parameter-outside-grant"


def _fits(parameter: dict[str, Any], value: str) -> bool:
    if len(value) > parameter["longest"]:
        return False
    if parameter["kind"] == "org_code":
        return _is_uscc(value)
    if parameter["kind"] == "choice":
        return value in parameter["choices"]
    if parameter["kind"] == "integer":
        digits = value[1:] if value.startswith("-") else value
        return 1 <= len(digits) <= 15 and all(sign in "0123456789" for sign in digits)
    if parameter["kind"] == "date":
        try:
            return date.fromisoformat(value).strftime("%Y-%m-%d") == value
        except ValueError:
            return False
    raise AssertionError(f"no opinion on {parameter['kind']}")


def _is_uscc(value: str) -> bool:
    """GB 32100-2015: the weighted sum of the first 17 signs, taken from 31, is the 18th."""
    if len(value) != 18 or any(sign not in _USCC for sign in value):
        return False
    total = sum(_USCC.find(sign) * pow(3, place, 31) for place, sign in enumerate(value[:17]))
    return _USCC.find(value[17]) == (31 - total % 31) % 31


def fields(grant: dict[str, Any], what: dict[str, Any], call: dict[str, Any]) -> list[str]:
    """What may leave, if there is no reason against the call."""
    return [
        item["name"]
        for item in what["items"]
        if item["name"] in grant["terms"]["fields"]
        and (call["fields"] is None or item["name"] in call["fields"])
    ]
