"""JSON shapes of the token debugger."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

import orjson
from pydantic import StringConstraints, model_validator

from gateway.identity.examination import Examined, Finding
from gateway.web import Model, Slug, disagreement

_DEPTH: Final = 20

Signed = Annotated[str, StringConstraints(min_length=1, max_length=16384)]
"""What may be a token: longer ones than are accepted, so that their length is what is said of them."""


class TokenKind(StrEnum):
    """What is checked."""

    ASSERTION = "assertion"
    """A client's assertion for the token endpoint."""
    PROOF = "proof"
    """A DPoP proof: for the token endpoint, or with ``service`` and ``access_token`` for a call."""
    ACCESS = "access"
    """An access token; with ``service`` for a call of it, with ``proof`` under the scheme DPoP."""


class TokenCheck(Model):
    """A token and how it is to be presented."""

    kind: TokenKind
    token: Signed
    service: Slug | None = None
    method: Literal["GET", "POST"] = "POST"
    proof: Signed | None = None
    access_token: Signed | None = None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.proof is not None and (self.kind is not TokenKind.ACCESS or self.service is None):
            raise disagreement(
                "token", "proof goes with an access token and a service", "proof 须与访问令牌和服务同时给出"
            )
        if (self.access_token is not None) != (self.kind is TokenKind.PROOF and self.service is not None):
            raise disagreement(
                "token",
                "access_token and service go together with a proof for a call",
                "调用的证明须同时给出 access_token 与 service",
            )
        return self


class RuleShown(Model):
    """One rule's result; ``reason`` is the word a refusal carries, or why the rule was skipped."""

    rule: str
    result: Literal["pass", "fail", "skipped"]
    reason: str | None = None
    detail: str | None = None
    detail_zh: str | None = None

    @classmethod
    def of(cls, found: Finding) -> "RuleShown":
        return cls(
            rule=found.rule, result=found.result, reason=found.reason or None, detail=found.detail or None,
            detail_zh=found.detail_zh or None,
        )  # fmt: skip


class TokenCheckShown(Model):
    """The verdict, the issuer's reason where it is invalid, and every rule in the issuer's order."""

    verdict: Literal["valid", "invalid"]
    reason: str | None = None
    rules: list[RuleShown]
    header: dict[str, Any]
    claims: dict[str, Any]

    @classmethod
    def of(cls, found: Examined) -> "TokenCheckShown":
        return cls(
            verdict="valid" if found.is_valid else "invalid",
            reason=found.reason,
            rules=[RuleShown.of(one) for one in found.findings],
            header=_shown(found.header),
            claims=_shown(found.claims),
        )


def _shown(part: dict[str, Any]) -> dict[str, Any]:
    """A part of the token, if an answer can hold it: no numbers beyond 64 bits, not nested without end."""
    try:
        orjson.dumps(part)
    except TypeError:
        return {}
    return part if _depth(part) <= _DEPTH else {}


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(one) for one in inner), default=0)
