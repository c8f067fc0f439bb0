"""Revocation information of recognised authorities: brought by an administrator or fetched, checked, kept, used.

Vocabulary: *evidence* is a revocation list or an OCSP answer, byte for byte as it came.
Invariants: nothing is kept that a recognised authority did not sign; what a certificate was judged by is never deleted;
no address out of a certificate is ever asked.
"""

from gateway.identity.revocation.service import Evidences

__all__ = ["Evidences"]
