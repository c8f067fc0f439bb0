"""What may be had: applications (共享申请), grants (授权), and tokens bound to one grant.

Vocabulary: *review* 规范性审查 by the platform ends in *acceptance* 受理 or 不予受理; on the *direct* route the
platform *provides* 平台直接提供, on the *department* route the provider *decides* 部门审批. A *grant* fixes fields,
parameters, purpose, quota and period.
Invariants: no step is skipped; who files does not review, provide or decide; an approval only narrows what was asked;
every transition stands or falls with its audit record; a refusal has its reason.
"""

from gateway.authz.applications import Applications
from gateway.authz.grants import (
    DENIALS,
    GRANTED,
    Allowed,
    Call,
    Compiled,
    Grant,
    Grants,
    GrantState,
    compiled,
    decide,
)

__all__ = [
    "DENIALS",
    "GRANTED",
    "Allowed",
    "Applications",
    "Call",
    "Compiled",
    "Grant",
    "GrantState",
    "Grants",
    "compiled",
    "decide",
]
