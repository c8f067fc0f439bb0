"""Complaints (投诉、举报) of citizens, firms and departments about data sharing (Decree 809 Art. 37).

Vocabulary: a clerk *receives* a complaint at the window or by telephone; it gets a *number*, a *holder* who must answer,
and a due date; the authority may *forward* it; the holder *answers*.
Invariants: who complains is stored sealed and stands in no record; a complaint is tied to an application, a grant or a
call, or says in words what it is about; the law says "in time" and no number, so the clock is the rule set ``local``'s.
"""

from gateway.authz.complaints.model import ComplainantKind, Complaint
from gateway.authz.complaints.service import Complaints

__all__ = ["ComplainantKind", "Complaint", "Complaints"]
