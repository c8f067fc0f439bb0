"""Electronic seals (电子印章) in force here: who holds one, how it stands, and what was stamped with it.

Vocabulary: a *registered seal* is a department's seal with its status (在用、停用、挂失、注销) and history; a *stamp* is
what a department filed on one of its documents; an *examination* runs the steps S0 to S17 over it and is kept as a
report with the evidence it rests on; a *rule* says which documents need a seal.
Invariants: a seal is registered only after its own verification; a status changes only with a reason and an audit
record; a stamp counts only while its latest examination is valid and the registry knows of nothing against its seal
at the moment it was received; indeterminate is never valid.
"""

from gateway.sealing.examination import Examiner
from gateway.sealing.model import RegisteredSeal, SealStatus
from gateway.sealing.service import Registry
from gateway.sealing.store import holders
from gateway.sealing.trust import TrustFolder

__all__ = ["Examiner", "RegisteredSeal", "Registry", "SealStatus", "TrustFolder", "holders"]
