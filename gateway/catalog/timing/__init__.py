"""The statutory clocks of an entry (Decree 809 Art. 17): its update after a change, and the review of what was submitted.

Vocabulary: a *change* 变化 is one of law, of a State Council decision or of duty that the entry must follow; a
*submission* 报送 is an entry or a revision handed to the platform; each is a case of its own under one clock.
Invariants: a step of an entry moves these clocks in its own transaction; a change is extended once, and not by whoever
recorded it.
"""

from gateway.catalog.timing.keeping import Timekeeping
from gateway.catalog.timing.service import Timing

__all__ = ["Timekeeping", "Timing"]
