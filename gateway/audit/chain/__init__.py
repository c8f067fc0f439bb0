"""The chain a record stands in (证据链): from a response back to the catalogue entry, and forward to what followed.

Every event names its causes by id and by the SHA-256 of their bytes, so a chain is a set of *links*: a link *holds* if
the bytes in the ledger have the digest that the later event pinned. Backward the links are walked themselves. Forward
they cannot be: what comes later and is about the same request, grant, application or resource is listed, and said of
each record whether its links lead back to where the walk began.
"""
