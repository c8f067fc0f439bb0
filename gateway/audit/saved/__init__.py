"""Queries of the audit log that auditors keep (已存查询): a filter under a name, for oneself or for all auditors.

Saving and deleting are acts with a record; running one is a search like any other, recorded as such.
"""
