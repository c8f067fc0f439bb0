"""Comparisons (多源校核): two mounted resources of the same things, compared record by record by their key.

Vocabulary: a *side* is a resource with the item that is its key; a *pair* is an item of either side that should agree;
the *report* counts records on both sides, on one only, and those that disagree, with a few samples.
Invariants: departments' systems are only read, within limits; what goes beyond a limit fails the run, nothing is cut
off in silence; a sample names its record by a pseudonym, never by key or values.
"""
