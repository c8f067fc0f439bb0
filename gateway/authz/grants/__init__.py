"""Grants (授权): issued with an approval, bounded, suspended, revoked; and the decision on a call."""

from gateway.authz.grants.compiled import Allowed, Compiled, compiled
from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.decide import Call, Step, decide, explain, standing
from gateway.authz.grants.denials import DENIALS, GRANTED
from gateway.authz.grants.model import CallRules, Grant, GrantState, Hours, Side, Terms
from gateway.authz.grants.service import Grants, NoSuchGrant

__all__ = [
    "DENIALS",
    "GRANTED",
    "Allowed",
    "Call",
    "CallRules",
    "Compiled",
    "Constraint",
    "Grant",
    "GrantState",
    "Grants",
    "Hours",
    "NoSuchGrant",
    "Side",
    "Step",
    "Terms",
    "compiled",
    "decide",
    "explain",
    "standing",
]
