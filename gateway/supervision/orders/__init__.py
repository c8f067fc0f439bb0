"""Breaches (超期记录) and orders (督办单): what stays of a clock that ran out, and what was done about it.

Invariants: a breach is never removed or changed, only explained and dated; an order is closed by saying what changed,
and keeps how the case stood when it was issued and when it was closed.
"""

from gateway.supervision.orders.model import Breach, WorkOrder
from gateway.supervision.orders.service import Orders

__all__ = ["Breach", "Orders", "WorkOrder"]
