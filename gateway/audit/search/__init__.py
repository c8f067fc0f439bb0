"""Finding records (审计检索): what an auditor asks for, and the pages, figures and chains that answer.

Vocabulary: a *filter* says which records; a *page* goes on below the last index of the one before, so records written
meanwhile never move it; a *stretch* is 4096 records in a row, by which the ledger's indexes are kept short.

Invariant: every reading of records leaves ``audit.queried`` before its answer leaves.
"""
