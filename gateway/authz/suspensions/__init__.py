"""Suspensions (暂停共享权限) and what follows: evidence, an order to rectify, its answer, resuming or termination.

Decree 809 Art. 27: who uses data beyond scope or purpose, or passes it on, has the permission suspended by the authority
or the provider and is told to rectify within a time; who does not, may be cut off.
Invariants: a grant is suspended as long as one suspension is open; each side lifts its own only; a provider terminates
for a breach only after an order to rectify ran out or was answered, and else only what was consulted on and filed.
"""

from gateway.authz.suspensions.model import Evidence, Ground, Order, Suspension
from gateway.authz.suspensions.service import Suspensions

__all__ = ["Evidence", "Ground", "Order", "Suspension", "Suspensions"]
