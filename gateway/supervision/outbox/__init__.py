"""The outbox (通知): notices are written in the transaction of what they tell, and delivered afterwards.

Vocabulary: a *notice* goes to one desk of a department by one channel; it is *pending* until a receiver took it,
*undeliverable* while the desk has no address.
Invariants: at least once, under one id; what failed is tried again, and what waits too long is seen.
"""

from gateway.supervision.outbox.model import Channel, Notice, NoticeState
from gateway.supervision.outbox.service import Outbox

__all__ = ["Channel", "Notice", "NoticeState", "Outbox"]
