"""The drill (演练): faults made from outside a running gateway, and what became of every call meanwhile.

A *call* is one request of a caller; *released* one whose whole answer arrived; *lost* a receipt that was given and whose
record the log does not hold; *unaudited* an answer, or a question to a provider, without its durable record; *over quota* an
answer beyond what the grant allows. The last three must be 0 whatever happens.
"""

from gateway.drill.drilling import FAULT_NAMES, Drilled, drill

__all__ = ["FAULT_NAMES", "Drilled", "drill"]
