"""An event as the rooms write it: who did what, for whom, to which object, under which grant, because of what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from gateway.audit.types import EventType
from gateway.names import is_org_code
from gateway.web import Principal

_SUBJECT: Final = re.compile(r"[0-9a-f]{32}")
_GRADE: Final = re.compile(r"[a-z_]{1,20}")

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class Outcome(StrEnum):
    """How an act ended: a change done, an access allowed or denied, or an error."""

    DONE = "done"
    ALLOW = "allow"
    DENY = "deny"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Who:
    """The actor of an event.

    Args:
        kind: ``person``, ``client`` (应用系统), ``system`` or ``anonymous``.
        id: login, client id or node name.
        org: 统一社会信用代码 of the actor's department, or empty.
        role: the role acted in.
        client: the application system a person acted through.
        address: the network address the request came from.
        authenticated_by: what proved the identity, e.g. a credential's thumbprint.
    """

    kind: str
    id: str = ""
    org: str = ""
    role: str = ""
    client: str = ""
    address: str = ""
    authenticated_by: str = ""

    @classmethod
    def of(cls, principal: Principal, role: str = "") -> "Who":
        """An identified caller as actor, in the role that allowed the act."""
        return cls(
            kind=principal.kind,
            id=principal.id,
            org=principal.org,
            role=role,
            client=principal.id if principal.kind == "client" else "",
            address=principal.address,
            authenticated_by=principal.how,
        )


@dataclass(frozen=True, slots=True)
class Cause:
    """An earlier event this one follows from: its id and the SHA-256 of its bytes (32 bytes)."""

    event_id: UUID
    digest: bytes

    def __post_init__(self) -> None:
        """Refuse what is no SHA-256."""
        if len(self.digest) != 32:
            raise ValueError(f"a cause's digest has 32 bytes, not {len(self.digest)}")


@dataclass(frozen=True, slots=True)
class Event:
    """One act. Empty texts are left out of the stored bytes.

    Args:
        type: see :class:`EventType`.
        reason: the refusal's slug, the same word as in problem types and metrics.
        consumer_org, provider_org: 统一社会信用代码 of the two departments, or empty.
        resource: the resource's code; ``object_*`` name what was acted on and its version.
        purpose, matter, case: 使用场景, 事项编码, 办件编号.
        subject: the person or body the data is about (当事人) as a pseudonym, 32 hexadecimal digits; never a real number.
        grade: the resource's 数据分级 as the catalogue words it, e.g. ``important``.
        application_id, grant_id, request_id: canonical UUID text to be searchable; other text is kept, not indexed.
        detail: further JSON; never names, id numbers or bodies of persons the data is about.
        personal: further JSON about persons, e.g. who asked at a counter (操作人): stored encrypted, see ``privacy``.
        cause: the events this one follows from.

    Raises:
        ValueError: an organisation is not a 统一社会信用代码, a subject no pseudonym, or a grade no word.
    """

    type: EventType
    outcome: Outcome
    who: Who
    reason: str = ""
    consumer_org: str = ""
    provider_org: str = ""
    object_kind: str = ""
    object_id: str = ""
    object_version: str = ""
    resource: str = ""
    purpose: str = ""
    matter: str = ""
    case: str = ""
    subject: str = ""
    grade: str = ""
    grant_id: str = ""
    application_id: str = ""
    request_id: str = ""
    detail: Mapping[str, JSON] = field(default_factory=dict)
    personal: Mapping[str, JSON] = field(default_factory=dict)
    cause: tuple[Cause, ...] = ()

    def __post_init__(self) -> None:
        """Refuse departments that could not stand in a leaf, and what no column could be searched for."""
        for org in (self.consumer_org, self.provider_org):
            if org and not is_org_code(org):
                raise ValueError(f"{org!r} is not a 统一社会信用代码")
        if self.subject and not _SUBJECT.fullmatch(self.subject):
            raise ValueError("a subject is a pseudonym of 32 hexadecimal digits")
        if self.grade and not _GRADE.fullmatch(self.grade):
            raise ValueError(f"{self.grade!r} is no word for a grade")


class Written(NamedTuple):
    """A durable record: its id, the SHA-256 of its stored bytes, and after an append these bytes.

    A tuple, because every call makes two.
    """

    event_id: UUID
    digest: bytes
    event: bytes = b""

    @property
    def cause(self) -> Cause:
        """This record as the cause of a later one."""
        return Cause(self.event_id, self.digest)
