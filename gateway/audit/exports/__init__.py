"""Exports（举证导出）: records handed out so that whoever holds the files can check them alone, complete and unchanged.

Vocabulary: a *pack* is an archive of records with their proof; a *span* is a run of a department's numbers; a *neighbour* is the
record just outside a span, which shows where it ends; a *link* is a record that a shown one follows from; a *plan* is everything
that decides a pack's bytes; a *piece* is a run of them.
Invariants: what was asked for stands in the record ``audit.exported``; an export is one process's at a time, and any process goes
on with it; its pieces wait encrypted under a key of its own, which is destroyed when its time is over; no byte leaves before
``audit.export_taken`` is durable; before the last piece there is no archive.
"""
