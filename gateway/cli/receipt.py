"""``./gw receipt``: check what the gateway sealed, with nothing but the file and the published keys."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from gateway.attestation.model import DECISION, RECEIPT, VERSION
from gateway.cli.exits import INDETERMINATE, INVALID, OK
from gateway.cli.jwks import read_keys
from gateway.cli.trusting import FILE, engine
from gateway.seals.sm2 import Sm2
from gateway.seals.statement import (
    LARGEST_STATEMENT,
    Statement,
    StatementRefused,
    read_statement,
    verify_statement,
)
from gateway.seals.statement_keys import accepted_keys

_RULES: Final = ("form", "header", "key", "signature", "content", "answer")
_ZH: Final = {"valid": "有效", "invalid": "无效", "indeterminate": "无法判定"}


@dataclass(frozen=True)
class Checked:
    """What a check found: the statement if it could be read, the rule broken, and whether that leaves it open."""

    statement: Statement | None
    rule: str = ""
    detail: str = ""
    detail_zh: str = ""
    unknown: bool = False
    answer_given: bool = False

    @property
    def verdict(self) -> str:
        """``valid``, ``invalid`` or ``indeterminate``."""
        return "indeterminate" if self.unknown else "invalid" if self.rule else "valid"

    def result_of(self, rule: str) -> str:
        """``pass``, ``fail``, ``unknown`` or ``skipped``; rules after a broken one are not tried."""
        if rule == self.rule:
            return "unknown" if self.unknown else "fail"
        if self.rule and _RULES.index(rule) > _RULES.index(self.rule):
            return "skipped"
        return "pass" if rule != "answer" or self.answer_given else "skipped"


@click.group("receipt")
def command() -> None:
    """Check sealed receipts of calls (调用回执) and sealed decisions (决定出证)."""


@command.command("verify")
@click.argument("file", type=FILE)
@click.option(
    "--jwks", "jwks", type=FILE, required=True, help="The gateway's /.well-known/seal-keys.json (出证公钥集)."
)
@click.option(
    "--answer", type=FILE, help="The bytes of the call's answer, to compare with a receipt (应答原文)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(ctx: click.Context, file: Path, jwks: Path, answer: Path | None, as_json: bool) -> None:
    """Verify FILE offline: its seal, and with --answer that these were the bytes of the answer (核验).

    Exit code 0: valid; 2: invalid, the broken rule says why; 3: indeterminate: no such key in the set, or no SM2 here.
    """
    keys = accepted_keys(read_keys(jwks))
    body = answer.read_bytes() if answer else None
    found = check(_read(file), keys, engine(), body)
    click.echo(json.dumps(shown(found), ensure_ascii=False) if as_json else "\n".join(told(found)))
    ctx.exit({"valid": OK, "invalid": INVALID}.get(found.verdict, INDETERMINATE))


def check(
    document: bytes, keys: dict[str, dict[str, Any]], sm2: Sm2 | None, answer: bytes | None = None
) -> Checked:
    """Every rule in its order until one is broken."""
    statement = None
    try:
        statement = read_statement(document)
        verify_statement(statement, keys, sm2)
        _content(statement)
        if answer is not None:
            _answer(statement, answer)
    except StatementRefused as fault:
        return Checked(statement, fault.rule, fault.detail, fault.detail_zh, fault.unknown)
    return Checked(statement, answer_given=answer is not None)


def _content(found: Statement) -> None:
    said, known = found.content, found.kind in (DECISION, RECEIPT)
    try:
        if known and said["statement"] == found.kind and said["v"] == VERSION and _summary(found):
            return
    except (KeyError, TypeError):
        known = False
    raise StatementRefused(
        "content", f"not a receipt or decision of version {VERSION}", f"不是版本 {VERSION} 的回执或决定文书"
    )


def _answer(found: Statement, body: bytes) -> None:
    said = found.content.get("answer")
    try:
        nonce, commitment = bytes.fromhex(said["nonce"]), said["commitment"].encode()  # type: ignore[index]
    except (TypeError, KeyError, ValueError, AttributeError):
        raise StatementRefused("answer", "a decision has no answer", "决定文书不含应答") from None
    if not hmac.compare_digest(hashlib.sha256(nonce + body).hexdigest().encode(), commitment):
        raise StatementRefused("answer", "these are not the bytes of the answer", "与回执所载应答不一致")


def shown(found: Checked) -> dict[str, Any]:
    """A check as JSON; the statement is shown as read, also where it is not valid."""
    one = found.statement
    return {
        "verdict": found.verdict,
        "kind": one.kind if one else None,
        "kid": one.kid if one else None,
        "algorithm": one.algorithm if one else None,
        "rules": [{"rule": rule, "result": found.result_of(rule)} for rule in _RULES],
        "rule": found.rule or None,
        "reason": found.detail or None,
        "reason_zh": found.detail_zh or None,
        "statement": one.content if one else None,
    }


def told(found: Checked) -> list[str]:
    """A check as lines for a person."""
    one = found.statement
    lines = [f"{rule:<10}{found.result_of(rule)}" for rule in _RULES]
    if found.rule:
        lines.append(f"{found.rule}: {found.detail} {found.detail_zh}")
    if one is not None and found.verdict == "valid":
        lines += _summary(one)
    return [*lines, f"{found.verdict} {_ZH[found.verdict]}"]


def _summary(one: Statement) -> list[str]:
    said = one.content
    issuer = said["issuer"]
    lines = [
        f"sealed by 出证机构: {issuer['org_name']} {issuer['org']}, {said['sealed_at']}, {one.algorithm}"
    ]
    if one.kind == RECEIPT:
        call, at = said["call"], said["released"]
        lines.append(
            f"call 调用: {call['service']} {call['answered_at']}, {said['answer']['records']} record(s)"
        )
        lines.append(f"{call['consumer_org']} <- {call['provider_org']}, grant 授权 {call['grant_id']}")
        return [*lines, f"audit record 审计记录 {at['idx']}, sha256 {at['sha256']}"]
    return [
        *lines,
        *(f"{act['at']}  {act['act_zh']} {act['act']}  #{act['record']['idx']}" for act in said["acts"]),
    ]


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST_STATEMENT + 1)
