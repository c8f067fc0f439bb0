"""Figures of the audit log (审计统计): how many records of what kind a day or month has, between which departments.

Vocabulary: the *rollup* holds the counts of whole stretches of the ledger by day; its *place* is the index up to which
it goes. A figure is the rollup plus the few records above the place, so it is exact at every moment, whether or not the
worker that moves the place is behind.

Invariant: the rollup is what the ledger below its place gives; ``./gw audit verify`` counts again. A day is one in
Asia/Shanghai.
"""
