"""Disputes (争议): negotiated, then coordinated by the authority, then decided by the government (Decree 809 Art. 28).

Vocabulary: a department *raises* a dispute on an application or a grant; a party *proposes* an outcome and the other
*agrees* (协商); either *escalates* it to the authority (主管部门协调); without agreement it is *referred* to the government
(政府决定), whose decision the authority records.
Invariants: no step is skipped; nobody agrees to the own proposal; an outcome says what it binds both parties to; the
law gives the steps no time, so their clocks come from the rule set ``local`` and say so.
"""

from gateway.authz.disputes.model import Dispute, Effect, Stage
from gateway.authz.disputes.service import Disputes

__all__ = ["Dispute", "Disputes", "Effect", "Stage"]
