"""What auditors may do with personal detail: open one record's, and find a subject's records by the real number.

Both are recorded with the reason before the answer leaves.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from gateway.audit import store as records
from gateway.audit.errors import NoPersonalDetail, NoSuchRecord, PersonalDetailDestroyed
from gateway.audit.model import Cause, Event, Outcome, Who
from gateway.audit.privacy import store
from gateway.audit.privacy.model import Period, Sealed, SubjectKind, pseudonym
from gateway.audit.record import Record
from gateway.audit.service import Recorder
from gateway.audit.types import EventType
from gateway.proof.detail import open_detail, opening_of
from gateway.proof.refusal import Refused
from gateway.seals import Vault
from gateway.storage import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """One record's personal detail, the name of its key, and the opening with which anybody can read this one again."""

    event_id: UUID
    key: str
    opening: bytes
    personal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The subject's word in the records of one year."""

    year: int
    subject: str


class Privacy:
    """Personal detail as auditors see it.

    Args:
        database: the reader zone's.
        record: makes an event durable; if it fails, nothing is shown.
        vault: of the keys, see :func:`gateway.audit.privacy.keys.key_vault`.
    """

    def __init__(self, database: Database, record: Recorder, vault: Vault) -> None:
        self._database = database
        self._record = record
        self._vault = vault

    async def open(self, who: Who, event_id: UUID, reason: str, request_id: str = "") -> Opened:
        """Open the personal detail of one record.

        Raises:
            NoSuchRecord: there is none, or it is not ordered yet. NoPersonalDetail: it holds none.
            PersonalDetailDestroyed: its key is gone. AuditUnavailable: the opening could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await records.find_record(connection, event_id)
            if found is None:
                raise NoSuchRecord(
                    f"no audit record has the id {event_id}", f"没有编号为 {event_id} 的审计记录"
                )
            held = _sealed_in(found)
            wrapped = await store.secret(connection, held.key)
        if wrapped is None:
            raise PersonalDetailDestroyed(
                f"the key {held.key.name} was destroyed", f"密钥 {held.key.name} 已销毁"
            )
        opened = _opened(found, held, self._vault.unwrap(wrapped, held.key.context))
        await self._record(_opening(who, found, held.key, reason, request_id))
        return opened

    async def subjects(
        self, who: Who, kind: SubjectKind, number: str, reason: str, request_id: str = ""
    ) -> Sequence[Pseudonym]:
        """The pseudonyms of a real number in every year whose pepper lives, newest first; the number is kept nowhere.

        Raises:
            AuditUnavailable: the search could not be recorded.
        """
        async with self._database.connection() as connection:
            peppers = await store.peppers(connection)
        found = [
            Pseudonym(
                period.period.year, pseudonym(self._vault.unwrap(wrapped, period.context), kind, number)
            )
            for period, wrapped in peppers
        ]
        detail = {"kind": kind.value, "reason": reason, "subjects": [one.subject for one in found]}
        await self._record(
            Event(EventType.SUBJECT_SEARCHED, Outcome.ALLOW, who, request_id=request_id, detail=detail)
        )
        return found


def _sealed_in(record: Record) -> Sealed:
    try:
        return Sealed.read(record.content()["personal"])
    except (KeyError, ValueError, TypeError, AttributeError):
        said = f"the record {record.columns.event_id} holds no personal detail"
        raise NoPersonalDetail(said, f"记录 {record.columns.event_id} 不含个人信息") from None


def _opened(record: Record, held: Sealed, secret: bytes) -> Opened:
    event_id = record.columns.event_id
    opening = opening_of(secret, event_id)
    try:
        personal = orjson.loads(open_detail(opening, event_id, held.content))
    except Refused as fault:
        raise PersonalDetailDestroyed(fault.detail, fault.detail_zh) from None
    return Opened(event_id, held.key.name, opening, personal)


def _opening(who: Who, record: Record, key: Period, reason: str, request_id: str) -> Event:
    columns = record.columns
    return Event(
        EventType.PERSONAL_OPENED,
        Outcome.ALLOW,
        who,
        object_kind="record",
        object_id=str(columns.event_id),
        consumer_org=columns.consumer_org or "",
        provider_org=columns.provider_org or "",
        request_id=request_id,
        detail={"reason": reason, "key": key.name},
        cause=(Cause(columns.event_id, hashlib.sha256(record.event).digest()),),
    )
