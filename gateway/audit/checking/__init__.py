"""Verification that goes on from the last one, every night, and on record.

Vocabulary: a *verification* covers the records from the one before it up to its head; it is *whole* if it began at the first.
What was found intact once is not read again until the next whole one, so whatever is changed behind the last verified head
shows then at the latest; a log that was cut, or continued from another history, shows at once.
"""
