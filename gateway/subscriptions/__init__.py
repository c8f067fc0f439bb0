"""Subscriptions (订阅): a department hears of changes without asking, and says what it did about them.

Vocabulary: a *subscription* sends changes of a resource to a department's system (webhook), under a grant; a *change* is
published by the providing department; a *message* is a change on its way to one subscription: *delivered* when the system
took it, *claimed* (认领) by a person within one working day, *answered* with feedback (反馈) within three (证照分离, 陇南47号 8).
Invariants: of a change only what a call under the grant would give leaves, masked like there; no byte leaves before
``message.released`` is durable, nor when the grant is not in force; changes of one subject arrive in the order in which they
were published; what waits is encrypted and goes with the feedback, or after its time.
"""
