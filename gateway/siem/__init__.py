"""Records sent on to a security monitoring system (安全监测, SIEM), in the order of the ledger.

Vocabulary: a *sink* is where they go: a syslog receiver, a file or a NATS stream; the *position* is the first record that
is not known to have arrived; a record *settled* when the sink will not lose it any more.
Invariants: every record at least once, under its event id and its index, so that a receiver can drop repetitions and see
gaps; one process sends at a time; the position only moves forward, and only past what settled; what is sent is readable
fields, never the bytes of ``detail``, where a room may have put what is not meant for everybody.
"""

from gateway.siem.making import make

__all__ = ["make"]
