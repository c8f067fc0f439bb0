"""What a third party needs to check evidence of the log（举证核验）: trees, proofs, signed notes, checkpoints.

The room looks at no other and needs the standard library and ``cryptography`` alone, so that a department can copy the
folder, or take it as one file (``./gw audit checker``), and check what it was given without gateway, database or network.
The gateway checks with the same lines.

Vocabulary: a *note* is a text with signatures below it; a *checkpoint* is the note in which a log says its size and root; a
*stub* is what stands in a leaf; a *receipt* shows that a record stands in a log; a *policy* says whose logs and witnesses to
believe. Invariant: what is not shown is refused, with a reason a program can read.
"""
