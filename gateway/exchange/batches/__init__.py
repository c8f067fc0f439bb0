"""Batches (批量交换): many questions to one data service as one job, and 核验 batches: a list in, yes or no out.

Vocabulary: a *batch* is a list of *rows*, each the parameters of one call; *answering* is with records or with yes and no
alone; a *stretch* is the rows one process answers at a time; a *segment* holds the answers of a stretch, encrypted; the
*result* is all segments in order, one line of JSON a row; the *manifest* states under the gateway's seal what it is.
Invariants: every row is decided, counted and recorded like a call before the provider is asked (``batch.intended``); what
waits for its download is encrypted under a key of the batch, and goes when the key does (``batch.destroyed``); no byte of
a result leaves before ``batch.released`` is durable, nor under a grant that is not in force any more; a 核验 batch reads
one yes-or-no item and keeps nothing else.
"""
