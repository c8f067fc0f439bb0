"""Receipts of records (回执): files by which somebody else checks offline that a record stands in the log (C2SP tlog-proof)."""
