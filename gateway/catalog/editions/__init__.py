"""What becomes of a published entry: its editions, a revision beside the live one, and its announced end.

Vocabulary: an *edition* 版本 is the description as published at one time; a *revision* 修订 is the next one in the
making while the present one stays live; *notice* 告知期 runs before a change that takes something from those who hold
grants, and before a withdrawal; *holders* are these grants.
Invariants: every publication leaves an edition; nothing that holders use is narrowed or ended before they were named
and the notice has run, save on security grounds.
"""

from gateway.catalog.editions.due import Turning
from gateway.catalog.editions.service import Revisions
from gateway.catalog.editions.withdrawal import Withdrawals

__all__ = ["Revisions", "Turning", "Withdrawals"]
