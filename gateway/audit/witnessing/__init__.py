"""What the log gets from others（外部见证）: cosignatures, time stamps, anchors, and what happens when they stay away.

None of it stands on the path of a release: a checkpoint is published first and carried out afterwards. What came back is
only ever added, beside the checkpoint it is over.

Vocabulary: a *witness* cosigns a checkpoint after seeing the proof from the one before (C2SP tlog-witness); an *authority*
stamps its time (RFC 3161); an *anchor* is where its hash is deposited (存证). A stage is *late* when its oldest open record
waits longer than it may. Invariants: a witness's bare word stops nothing, our own signature in its hands does; whatever is
stored was verified first.
"""
