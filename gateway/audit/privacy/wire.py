"""JSON shapes of personal detail and pseudonyms."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.audit.privacy.model import SubjectKind
from gateway.audit.privacy.service import Opened, Pseudonym
from gateway.web import Line, Model, Note


class NewOpening(Model):
    """Why personal detail is opened; it stands in the record of the opening."""

    reason: Note


class OpeningShown(Model):
    """A record's personal detail. With ``opening`` (hexadecimal) anybody who has the record can read it again."""

    event_id: UUID
    key: str
    opening: str
    personal: dict[str, Any]

    @classmethod
    def of(cls, one: Opened) -> "OpeningShown":
        return cls(event_id=one.event_id, key=one.key, opening=one.opening.hex(), personal=one.personal)


class SubjectQuery(Model):
    """A subject by the real number, and why it is searched for; the number is not kept."""

    kind: SubjectKind
    number: Annotated[Line, Field(max_length=64)]
    reason: Note


class PseudonymShown(Model):
    """What ``subject`` says of this subject in the records of one year."""

    year: int
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class SubjectShown(Model):
    """The subject's pseudonyms, newest year first."""

    pseudonyms: list[PseudonymShown]

    @classmethod
    def of(cls, found: list[Pseudonym]) -> "SubjectShown":
        return cls(pseudonyms=[PseudonymShown(year=one.year, subject=one.subject) for one in found])
