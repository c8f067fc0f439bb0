"""Corrections (校核纠错): a recipient doubts a record, its provider verifies, corrects and reports back (Art. 26).

Vocabulary: a *doubt* says what is wrong with one item of one record; the *pseudonym* stands for the record's key
wherever it is personal; *notice* 告知 goes to everybody else who has a grant of the resource when a record was corrected.
Invariants: a doubt is tied to a grant of the doubting department; keys and values are stored wrapped and shown to the
two parties only; the audit log holds neither; while a doubt is open, callers are told to serve the person all the same
(业务照常办理).
"""
