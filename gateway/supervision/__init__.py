"""Supervision (督办): the clocks of cases of every kind, and what happens when one is about to run out.

Rooms above call :func:`keep` in their own transaction whenever a case moves, and :func:`tell` when a department must
learn of what was done; this room knows no applications, resources or disputes, only cases.

Vocabulary: a *case* (办件) is anything under clocks; its *holder* is the department that must act; its *binding*
clock is the open one that is due first; the *ladder* says which *step* (催办, 移交, 督办) follows when; a *light* (灯) says
how urgent a case is; a *breach* (超期) is a clock that ran out; an *order* (督办单) goes to the head of a department; at
its *desks* sit handler, deputy and head.
Invariants: a stored due date is a cache of what ``deadlines`` computes; a case is written with the step that moved it
or not at all; a step is taken once per case, rule, due instant and step, however many processes sweep; a breach stays
on record.
"""

from gateway.supervision.model import Case, CaseKind
from gateway.supervision.outbox.model import NoticeKind, Told
from gateway.supervision.outbox.writing import tell
from gateway.supervision.service import Supervision, keep

__all__ = ["Case", "CaseKind", "NoticeKind", "Supervision", "Told", "keep", "tell"]
