"""Statistics (态势分析, 考核): figures per department, each with the statement and parameters that reproduce it.

Vocabulary: a *figure* 指标 is one named query over a period; a *row* of it is one department's value under a *label*
(a rule, a state, a reason, a resource's code).
Invariants: a figure is exactly what its query in ``queries.sql`` gives; a department sees its own rows; a period holds
its first instant and not its last.
"""
