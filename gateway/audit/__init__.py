"""The audit log (审计): no audit record, no data.

Two ways in: ``AuditLog.append`` makes a record durable by itself, before an upstream call and before the first
byte is released; ``AuditLog.emit`` writes it inside the transaction of the change it tells of. Both go to the
*inbox*; the *integrator* orders what waits there into the *ledger*.

Vocabulary: an *event* is an act and its bytes; a *record* is an event with its place in the ledger; the *leaf* is
the hash of a record's stub, the *head* a size of the ledger with the root of the RFC 6962 tree over its leaves;
*cause* links an event to those it follows from.

Invariants: acknowledged means durable, and in the ledger exactly once; indices are dense and times never fall; the
root of every head is that of the tree over the leaves; a head has one successor; columns follow from the event's
bytes; every department's numbers are gap-free on either side. ``verify`` checks them all.
"""

from gateway.audit.dump import verify_dump, write_dump
from gateway.audit.errors import AuditUnavailable, DumpDamaged, NoSuchRecord, RecordTooLarge
from gateway.audit.forms import Form, Particulars, fresh_nonce
from gateway.audit.glance import Glance
from gateway.audit.integrator import Integrator, integrate_once
from gateway.audit.ledger import Head
from gateway.audit.model import JSON, Cause, Event, Outcome, Who, Written
from gateway.audit.privacy.model import SubjectKind
from gateway.audit.record import Origin, Record, fits_its_leaf
from gateway.audit.search.model import Filter, Page
from gateway.audit.service import AuditReader, Recorder
from gateway.audit.store import check_durability
from gateway.audit.types import EventType
from gateway.audit.verify import Finding, Problem, Verdict, Verification, verify
from gateway.audit.writer import AuditLog, emit

__all__ = [
    "JSON",
    "AuditLog",
    "AuditReader",
    "AuditUnavailable",
    "Cause",
    "DumpDamaged",
    "Event",
    "EventType",
    "Filter",
    "Finding",
    "Form",
    "Glance",
    "Head",
    "Integrator",
    "NoSuchRecord",
    "Origin",
    "Outcome",
    "Page",
    "Particulars",
    "Problem",
    "Record",
    "RecordTooLarge",
    "Recorder",
    "SubjectKind",
    "Verdict",
    "Verification",
    "Who",
    "Written",
    "check_durability",
    "emit",
    "fits_its_leaf",
    "fresh_nonce",
    "integrate_once",
    "verify",
    "verify_dump",
    "write_dump",
]
