"""Health of the catalogue (目录体检): per entry what the law and its own words promise, and a score per department.

Vocabulary: a *check* is one such promise; it passes, fails, or does not apply; *colour* red where data cannot be had as
promised, amber where something is missing or unused, green otherwise.
Invariants: nothing unknown counts as passed; a score counts applicable checks only.
"""
