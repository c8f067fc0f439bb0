"""The witness（见证）: cosigns what other gateways' logs say of themselves, so that none can show two histories.

A neighbouring city runs it beside its own gateway, or without one: it needs no database. It remembers the newest checkpoint
of each log it was told of, asks every newer one for the proof that nothing before was changed, and then signs that too
(C2SP tlog-witness, tlog-cosignature).

Vocabulary: a *submission* is a checkpoint with the proof from an earlier size; *latest* is the checkpoint of a log cosigned
last. Invariants: nothing unverified is stored; what is cosigned was durable before the answer; the latest of a log never
falls back and never leaves its own history; one process at a time works on a folder.
"""
