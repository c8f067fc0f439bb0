"""Departments, people, clients, roles: plain values and the rules on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gateway.names import ClientId, Login, OrgCode


class Role(StrEnum):
    """What a person may do."""

    REQUESTER = "requester"
    """需求部门经办人: files applications for the own department."""
    PROVIDER = "provider"
    """提供部门审批人: keeps the own department's catalogue, decides on applications for it."""
    PLATFORM_ADMIN = "platform_admin"
    """平台（系统）管理员: registers departments, reviews catalogue entries and applications."""
    SECURITY_ADMIN = "security_admin"
    """安全管理员: registers people, clients and keys; suspends and revokes grants."""
    AUDITOR = "auditor"
    """审计管理员: reads the audit log."""


SEPARATED: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""三权分立 (GB/T 22239): no person holds two of these."""


def are_separated(roles: Iterable[Role]) -> bool:
    """Whether at most one of the three separated powers is among ``roles``."""
    return len(SEPARATED.intersection(roles)) <= 1


@dataclass(frozen=True, slots=True)
class Org:
    """A department (部门): its 统一社会信用代码, name and 行政区划 code."""

    code: OrgCode
    name: str
    region: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A person (人员) of a department."""

    login: Login
    name: str
    org: OrgCode
    roles: frozenset[Role]
    active: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A client's public key (RFC 7517); ``kid`` is its thumbprint (RFC 7638)."""

    kid: str
    jwk: dict[str, Any]
    added_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Client:
    """An application system (应用系统) of a department."""

    id: ClientId
    name: str
    org: OrgCode
    active: bool
    registered_at: datetime
    keys: tuple[ClientKey, ...]
