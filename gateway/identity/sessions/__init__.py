"""Sessions of people (会话): what a sign-in gives, and what ends it.

Vocabulary: a *session token* is an opaque random text shown once; the database keeps only its digest. Invariants: a
session ends at sign-out, after its idle and its absolute limit, and with every change of the person's password, roles or
state; every request asks the database, so an ended one is refused at once by every process.
"""
