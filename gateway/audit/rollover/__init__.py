"""A new log after a restore (换代): the database was put back, what the log promised since is lost, and that is said first of all.

The old log can never be signed again: whoever holds its later checkpoints would hold proof of two histories. So the
records that are left go on as another log, with an origin and a key of its own. Its first own record says what is known
of the old one and what happened, by two persons. The tree goes on, so that a consistency proof shows to anybody that
the new log begins with the old one's records as far as they are left; what the old log signed still verifies.
"""
