"""A token and a key set explained rule by rule, by the functions that accept or refuse them in service.

Nothing is issued, used up or looked up: a token is text, the keys come from a file.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from gateway.identity.access import CLAIM_RULES, Party
from gateway.identity.jose import (
    RULES,
    Reading,
    Rule,
    TokenRefused,
    check_algorithm,
    check_signature,
    refused,
)
from gateway.identity.jwk import KeyRefused, thumbprint, usable


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result; ``reason`` is the stable word of a refusal, or why a rule was skipped."""

    rule: str
    result: Literal["pass", "fail", "skipped"]
    reason: str = ""
    detail: str = ""
    detail_zh: str = ""


@dataclass(frozen=True, slots=True)
class KeyFinding:
    """One key of a set: its place, its kid as given or its thumbprint, and why it is refused, if it is."""

    index: int
    kid: str | None
    algorithm: str | None
    accepted: bool
    detail: str = ""
    detail_zh: str = ""
    usable: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """Every rule's result; valid if none failed."""

    findings: tuple[Finding, ...]
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def is_valid(self) -> bool:
        """Whether every rule that was tried passed."""
        return self.reason is None

    @property
    def reason(self) -> str | None:
        """The word of the first rule that failed; None if none did."""
        return next((finding.reason for finding in self.findings if finding.result == "fail"), None)


Held = dict[str, Finding]
"""Findings by the names of their rules, in the order in which they were tried."""


def follow(rules: Iterable[Rule], reading: Reading) -> Held:
    """Try every rule; one whose ground is missing is skipped, not guessed."""
    held: Held = {}
    for rule in rules:
        ground = _named(rule.name, _missing(rule.needs, held))
        held[rule.name] = ground or tried(rule.name, partial(rule.check, reading))
    return held


def examine_keys(keys: list[Any], *, with_rs256: bool = False) -> list[KeyFinding]:
    """Each key accepted or refused; a kid held by two keys names neither."""
    found = [_examine_key(index, key, with_rs256) for index, key in enumerate(keys)]
    kids = [finding.kid for finding in found]
    return [
        KeyFinding(each.index, each.kid, each.algorithm, False, "another key has the same kid", "kid 重复")
        if each.accepted and kids.count(each.kid) > 1
        else each
        for each in found
    ]


def _examine_key(index: int, key: Any, with_rs256: bool) -> KeyFinding:
    if not isinstance(key, dict):
        return KeyFinding(index, None, None, False, "a key must be a JSON object", "密钥须为 JSON 对象")
    given = key.get("kid")
    kid = given if isinstance(given, str) else None
    try:
        if given is not None and kid is None:
            raise KeyRefused("kid must be a text", "kid 须为文本")
        jwk = usable(key, with_rs256=with_rs256)
    except KeyRefused as fault:
        return KeyFinding(index, kid, None, False, *fault.args)
    return KeyFinding(index, kid or thumbprint(jwk), jwk["alg"], True, usable=jwk)


def examine(reading: Reading, keys: list[KeyFinding], party: Party, *, foreign: bool = False) -> Examined:
    """Every rule's result, in the order of service; a rule whose ground is missing is skipped, not guessed.

    Args:
        reading: the token's text and what it is read against; filled in by the rules.
        keys: the key set, from :func:`examine_keys`.
        party: issuer and audience, where they are to be compared.
        foreign: the token of another profile: JOSE rules and signature only.
    """
    held: Held = {}
    for rule in RULES:
        held[rule.name] = _precheck(rule, reading, foreign, held)
    key = _find_key(reading, keys, foreign, held)
    for name, check in _KEY_RULES.items():
        ground = _missing((*_KEYED[name], "key"), held)
        held[name] = _named(name, ground) or tried(name, partial(check, reading, key))
    for claim in CLAIM_RULES:
        ground = _not_asked(claim.name, party, foreign) or _missing(("payload",), held)
        held[claim.name] = _named(claim.name, ground) or tried(
            claim.name, partial(claim.check, reading.claims, party)
        )
    return Examined(tuple(held.values()), reading.header, reading.claims)


_KEYED: Final = {"algorithm": ("alg",), "signature": ("shape", "remote", "algorithm")}


def tried(name: str, check: Callable[[], None]) -> Finding:
    """The result of one rule."""
    try:
        check()
    except TokenRefused as fault:
        return Finding(name, "fail", str(fault.extra["reason"]), fault.detail, fault.detail_zh)
    return Finding(name, "pass")


def skipped(name: str, reason: str, detail: str, detail_zh: str) -> Finding:
    """The result of a rule that was not tried."""
    return Finding(name, "skipped", reason, detail, detail_zh)


def _missing(needs: Iterable[str], held: dict[str, Finding]) -> Finding | None:
    for need in needs:
        if held[need].result != "pass":
            return skipped("", "not-reached", f"rule {need} did not pass", f"规则 {need} 未通过")
    return None


def _named(name: str, finding: Finding | None) -> Finding | None:
    return None if finding is None else replace(finding, rule=name)


def _precheck(rule: Rule, reading: Reading, foreign: bool, held: dict[str, Finding]) -> Finding:
    if foreign and rule.of_profile:
        return skipped(rule.name, "foreign", "asked of our own tokens only", "仅适用于本网关令牌")
    found = _named(rule.name, _missing(rule.needs, held)) or tried(rule.name, partial(rule.check, reading))
    if foreign and rule.name == "payload" and found.result == "fail" and not _claims_object(reading.text):
        return skipped(rule.name, "foreign", "the payload is not a JSON object", "载荷不是 JSON 对象")
    return found


def _claims_object(text: str) -> bool:
    """Whether a lenient reader takes the payload for claims; then they must be strict JSON."""
    payload = text.split(".")[1]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return isinstance(json.loads(raw.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _find_key(
    reading: Reading, keys: list[KeyFinding], foreign: bool, held: dict[str, Finding]
) -> dict[str, Any]:
    def find() -> None:
        kid = reading.header.get("kid")
        named = [key for key in keys if kid is not None and kid == key.kid]
        if kid is None and foreign and len(keys) == 1:
            named = keys
        if not named:
            raise refused("key", "no key of the set has the token's kid", "密钥集中没有令牌的 kid")
        if named[0].usable is None:
            raise refused(
                "key", f"the key is refused: {named[0].detail}", f"密钥不可用：{named[0].detail_zh}"
            )
        found.update(named[0].usable)

    found: dict[str, Any] = {}
    held["key"] = _named("key", _missing(("header",), held)) or tried("key", find)
    return found


def _algorithm(reading: Reading, key: dict[str, Any]) -> None:
    check_algorithm(reading.header["alg"], key)


def _signature(reading: Reading, key: dict[str, Any]) -> None:
    check_signature(reading.text, key)


_KEY_RULES: Final[dict[str, Callable[[Reading, dict[str, Any]], None]]] = {
    "algorithm": _algorithm,
    "signature": _signature,
}


def _not_asked(name: str, party: Party, foreign: bool) -> Finding | None:
    if foreign:
        return skipped(name, "foreign", "asked of our own tokens only", "仅适用于本网关令牌")
    if name in ("issuer", "audience") and getattr(party, name) is None:
        return skipped(name, "not-given", f"no {name} was given to compare", "未给出比较值")
    return None
