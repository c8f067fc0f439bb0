"""Acts on the clocks of applications: extensions (延期), pauses (暂停计时), hand-overs (移交).

Vocabulary: an *extension* is asked for by the provider, decided by the authority of the same level, and the requester
is told by its *notice* (Decree 809 Art. 21); a *pause* has a typed reason and its basis; a *hand-over* names another
handler or unit of the department that has the case.
Invariants: an act is possible only where a rule foresees it; nothing is backdated; each has its audit record. An
extension moves the clock of the one rule it was asked for and of no other.
"""
