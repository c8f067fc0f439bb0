"""The records of a call: intended, then exactly one of released, refused, failed.

Commitments are SHA-256 over a nonce of the call and the bytes: whoever has nonce and bytes can show that they are
the ones; the log alone does not give them away.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

import orjson

from gateway.audit import (
    AuditLog,
    Event,
    EventType,
    Form,
    Outcome,
    Particulars,
    SubjectKind,
    Who,
    Written,
    fresh_nonce,
)
from gateway.audit.forms import id_mark, link, links
from gateway.errors import GatewayError
from gateway.exchange.plans import Plan
from gateway.exchange.reading import Body, Head, Wanted
from gateway.identity import AccessToken
from gateway.names import new_id_bytes
from gateway.storage import RowId

_FORMS_MOST: Final = 10000
_NOTHING: Final[Mapping[str, Any]] = {}


class LetOut:
    """What of a long answer was put on record so far, segment by segment, and the commitment to it as a whole."""

    def __init__(self, nonce: bytes) -> None:
        self._digest = hashlib.sha256(nonce)
        self.segments = self.bytes = self.records = 0

    def add(self, segment: bytes, records: int) -> None:
        """Count a segment that is on record."""
        self._digest.update(segment)
        self.segments, self.bytes, self.records = (
            self.segments + 1,
            self.bytes + len(segment),
            self.records + records,
        )

    @property
    def commitment(self) -> str:
        """SHA-256 over the nonce and all segments, hexadecimal."""
        return self._digest.hexdigest()


@dataclass(slots=True)
class Evidence:
    """What is known of a call so far, and what was recorded of it.

    Attributes:
        request: the request's id as it stands in events.
        forms: the forms of the call's records, once one was written.
    """

    request_id: str
    request: bytes
    address: str
    head: Head | None = None
    wanted: Wanted | None = None
    token: AccessToken | None = None
    plan: Plan | None = None
    intended: Written | None = None
    release_tried: bool = False
    let_out: LetOut | None = None
    subject: str = ""
    forms: "_Forms | None" = None
    nonce: bytes = field(default_factory=fresh_nonce)

    @classmethod
    def begin(cls, address: str) -> Self:
        """That of a request that just came from ``address``, with a new id."""
        request_id = new_id_bytes()
        return cls(str(RowId(request_id)), id_mark(request_id), address)

    def commitment(self, content: bytes) -> str:
        """SHA-256 over nonce and content, hexadecimal."""
        return hashlib.sha256(self.nonce + content).hexdigest()


async def name_subject(log: AuditLog, evidence: Evidence, plan: Plan | None, now: datetime) -> None:
    """Say in every record of the call whom it is about, as a pseudonym: by the first parameter that names somebody.

    Raises:
        AuditUnavailable: there is no pepper to be had.
    """
    named = _named(evidence, plan) if plan else None
    if named is not None:
        kind, number = named
        evidence.subject = log.subject_at_once(kind, number, now) or await log.subject(kind, number)


def named_at_once(log: AuditLog, evidence: Evidence, plan: Plan, now: datetime) -> bool:
    """:func:`name_subject` where nothing must be fetched for it; else False."""
    named = _named(evidence, plan) if plan.subjects else None
    if named is not None:
        evidence.subject = log.subject_at_once(*named, now)
    return named is None or evidence.subject != ""


def _named(evidence: Evidence, plan: Plan) -> tuple[SubjectKind, str] | None:
    return plan.subject_in(evidence.wanted.body.parameters) if evidence.wanted else None


async def record_intent(
    log: AuditLog, evidence: Evidence, fields: tuple[str, ...], used: int, *, with_parameters: bool
) -> Written:
    """Before the provider is asked; who asked, and the parameters if they are to be kept, are sealed in the record.

    Raises:
        AuditUnavailable: then nothing is asked.
    """
    body = evidence.wanted.body if evidence.wanted else None
    detail = {
        "fields": fields,
        "parameters": sorted(body.parameters) if body else (),
        "request": evidence.commitment(_asked(body)),
        "nonce": evidence.nonce.hex(),
        "quota_used": used,
    }
    if body is not None and body.consent is not None:
        detail["consent"] = body.consent
    forms = _forms(evidence)
    said = _particulars(evidence, forms.cause, detail, _personal(body, with_parameters))
    append = log.append_filled if said.personal else log.append_soon
    evidence.intended = await append(forms.intended, said)
    return evidence.intended


async def record_release(
    log: AuditLog, evidence: Evidence, answer: bytes, records: int, upstream_ms: float
) -> Written:
    """Before the first byte leaves. Raises AuditUnavailable: then no byte leaves."""
    detail = {
        "answer": evidence.commitment(answer),
        "bytes": len(answer),
        "records": records,
        "upstream_ms": round(upstream_ms, 1),
    }
    evidence.release_tried = True
    return await log.append_soon(_forms(evidence).released, _particulars(evidence, _cause(evidence), detail))


async def record_segment(log: AuditLog, evidence: Evidence, segment: bytes, records: int) -> Written:
    """Before a segment of a long answer leaves. Raises AuditUnavailable: then it does not leave."""
    so_far = evidence.let_out = evidence.let_out or LetOut(evidence.nonce)
    detail = {
        "segment": so_far.segments,
        "from": so_far.bytes,
        "bytes": len(segment),
        "records": records,
        "answer": evidence.commitment(segment),
    }
    written = await _append(log, evidence, EventType.CALL_SEGMENT, Outcome.ALLOW, "granted", detail)
    so_far.add(segment, records)
    return written


async def record_whole(log: AuditLog, evidence: Evidence, upstream_ms: float, **more: Any) -> Written:
    """After the last segment of a long answer, before its end is told: the release of the whole.

    Raises:
        AuditUnavailable: then the caller does not learn that the answer is complete.
    """
    so_far = evidence.let_out or LetOut(evidence.nonce)
    detail = {
        "answer": so_far.commitment,
        "bytes": so_far.bytes,
        "records": so_far.records,
        "segments": so_far.segments,
        "upstream_ms": round(upstream_ms, 1),
        **more,
    }
    evidence.release_tried = True
    return await log.append_filled(
        _forms(evidence).released, _particulars(evidence, _cause(evidence), detail)
    )


async def record_ending(log: AuditLog, evidence: Evidence, error: GatewayError) -> Written:
    """The refusal of a call, or the failure of one that was intended.

    A release that could not be confirmed may still have become durable: then the record says that nothing left, or
    which segments of a long answer did.
    """
    reason, left = str(error.extra.get("reason", error.slug())), _left(evidence)
    if evidence.release_tried:
        detail = {"bytes": 0, "release": "unconfirmed", **left}
        return await _append(log, evidence, EventType.CALL_DELIVERED, Outcome.ERROR, reason, detail)
    if evidence.intended is None:
        return await _append(log, evidence, EventType.CALL_REFUSED, Outcome.DENY, reason, {})
    return await _append(log, evidence, EventType.CALL_FAILED, Outcome.ERROR, reason, left)


def _left(evidence: Evidence) -> dict[str, Any]:
    if evidence.let_out is None:
        return {}
    return {"bytes": evidence.let_out.bytes, "segments": evidence.let_out.segments}


@dataclass(frozen=True, slots=True)
class _Forms:
    """What the records of granted calls have in common that come by one token, from one address, under one plan."""

    plan: Plan | None
    service: str
    intended: Form
    released: Form
    cause: bytes


_kept: OrderedDict[tuple[str, str], _Forms] = OrderedDict()


def _forms(evidence: Evidence) -> _Forms:
    """The forms of the call; what was written out for the call before serves as long as token, address and plan do."""
    if evidence.forms is not None and evidence.forms.plan is evidence.plan:
        return evidence.forms
    service = evidence.head.service if evidence.head else ""
    key = (evidence.token.token_id if evidence.token else "", evidence.address)
    kept = _kept.get(key)
    if kept is not None and kept.plan is evidence.plan and kept.service == service:
        evidence.forms = kept
        return kept
    made = evidence.forms = _Forms(
        evidence.plan,
        service,
        Form(_event(evidence, EventType.CALL_INTENDED, Outcome.ALLOW, "granted")),
        Form(_event(evidence, EventType.CALL_RELEASED, Outcome.ALLOW, "granted")),
        links((evidence.plan.grant.cause,)) if evidence.plan else b"[]",
    )
    _kept[key] = made
    if len(_kept) > _FORMS_MOST:
        _kept.popitem(last=False)
    return made


async def _append(
    log: AuditLog, evidence: Evidence, kind: EventType, outcome: Outcome, reason: str, detail: dict[str, Any]
) -> Written:
    form = Form(_event(evidence, kind, outcome, reason))
    return await log.append_filled(form, _particulars(evidence, _cause(evidence), detail))


def _cause(evidence: Evidence) -> bytes:
    """What the next record of the call follows from: its intent, or before that the grant."""
    intended = evidence.intended
    if intended is not None:
        return b"[%b]" % link(intended.event_id, intended.digest)
    return links((evidence.plan.grant.cause,)) if evidence.plan else b"[]"


def _asked(body: Body | None) -> bytes:
    """What was asked, as it is committed to: JSON with sorted members; a consent only where one was named."""
    if body is None:
        return b"{}"
    said = {
        "case": body.case, "fields": body.fields, "matter": body.matter, "operator": body.operator,
        "parameters": body.parameters,
    }  # fmt: skip
    if body.consent is not None:
        said["consent"] = body.consent
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _personal(body: Body | None, with_parameters: bool) -> dict[str, Any]:
    if body is None or (body.operator is None and not with_parameters):
        return {}
    kept = {"operator": body.operator, "parameters": dict(body.parameters) if with_parameters else None}
    return {name: value for name, value in kept.items() if value}


def _particulars(
    evidence: Evidence, cause: bytes, detail: dict[str, Any], personal: Mapping[str, Any] = _NOTHING
) -> Particulars:
    body = evidence.wanted.body if evidence.wanted else None
    matter, case = (body.matter or "", body.case or "") if body else ("", "")
    return Particulars(matter, case, evidence.subject, evidence.request, detail, personal, cause)


def _event(evidence: Evidence, kind: EventType, outcome: Outcome, reason: str) -> Event:
    plan = evidence.plan
    grant = plan.grant if plan else None
    return Event(
        type=kind,
        outcome=outcome,
        who=_who(evidence),
        reason=reason,
        consumer_org=grant.consumer_org if grant else "",
        provider_org=grant.provider_org if grant else "",
        object_kind="service",
        object_id=evidence.head.service if evidence.head else "",
        object_version=str(plan.resource.version) if plan else "",
        resource=plan.resource.description.code if plan else "",
        grade=plan.resource.description.grade if plan else "",
        purpose=grant.purpose if grant else "",
        grant_id=str(grant.id) if grant else "",
        application_id=str(grant.application_id) if grant else "",
    )


def _who(evidence: Evidence) -> Who:
    if evidence.token is None:
        return Who(kind="anonymous", address=evidence.address)
    client = evidence.token.subject
    return Who(
        kind="client", id=client, org=str(evidence.token.claims.get("consumer_org", "")), client=client,
        address=evidence.address, authenticated_by=f"token {evidence.token.token_id}",
    )  # fmt: skip
