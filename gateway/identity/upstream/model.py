"""Links between providers' subjects and our people; what a provider vouched for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.names import Login


@dataclass(frozen=True, slots=True)
class Account:
    """A provider's subject that stands for a person of ours."""

    id: UUID
    login: Login
    issuer: str
    subject: str
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a verified ID token says: who, and whether by a second factor in the sense of the provider's settings."""

    issuer: str
    subject: str
    second_factor: bool
