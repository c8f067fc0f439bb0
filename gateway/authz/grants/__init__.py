"""Grants (授权): issued with an approval, bounded, suspended, revoked; and the decision on a call."""

from gateway.authz.grants.decide import Allowed, Call, decide
from gateway.authz.grants.denials import DENIALS, GRANTED
from gateway.authz.grants.model import Constraint, Grant, GrantState, Terms
from gateway.authz.grants.service import Grants, NoSuchGrant

__all__ = [
    "DENIALS",
    "GRANTED",
    "Allowed",
    "Call",
    "Constraint",
    "Grant",
    "GrantState",
    "Grants",
    "NoSuchGrant",
    "Terms",
    "decide",
]
