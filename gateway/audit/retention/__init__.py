"""Keeping records as long as they must be kept, and no longer (保存与处置).

Vocabulary: a *month* is one month of records (UTC), kept and dropped as a whole; a *hold* (保全) keeps months beyond their
time; a *disposal* (处置) drops a month's records, or destroys the keys of its personal detail, when one person proposed and
another approved it. Invariants: nothing goes before its time (网络安全法 Art. 23: six months; Decree 809 Art. 29 and
个人信息保护法 Art. 56: three years), under a hold, or before an encrypted archive was written, read again and compared with the
tree; the record that a month is gone is signed before it goes; the tree's hashes stay, so every proof and the verification
of what is left go on.
"""
