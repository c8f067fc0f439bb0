"""The call itself (调用): a department's program asks, and gets exactly what its grant allows.

identify → find → decide → record the intent → forward → project → record the release → send. The intent is durable
before the provider is asked, the release before the first byte leaves; without a record there is no data.
Invariants: no client path, header or parameter is forwarded as it came; every field that leaves was granted and
checked; quota used never exceeds quota granted; every call that was intended has exactly one ending on record.
"""

from gateway.exchange.pipeline import Exchange

__all__ = ["Exchange"]
