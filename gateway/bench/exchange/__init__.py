"""Calls under load beside proxies that do less: throughput, CPU and latency as ratios within one run.

Everything a call owes is on: token with revocation, grant, parameters, quota, the provider's answer projected, and a
durable record before the question leaves and before the first byte of the answer does.
"""

from gateway.bench.exchange.measuring import Asked, Measured, measure

__all__ = ["Asked", "Measured", "measure"]
