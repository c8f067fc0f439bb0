"""Exports（举证导出）: records handed out so that whoever holds the files can check them alone, complete and unchanged.

Vocabulary: a *pack* is an archive of records with their proof; a *span* is a run of a department's numbers; a *neighbour* is the
record just outside a span, which shows where it ends; a *link* is a record that a shown one follows from.

Nothing of a pack is kept. What was asked for stands in the record ``audit.exported``, and the pack is made of the ledger each
time it is fetched, so there is no second copy of records to guard, to clear away, or to lose.
"""
