"""Consultation and filing (协商、备案) before a provider ends or changes a service it has begun to give.

Decree 809 Art. 27: without just cause a provider ends or changes no service; where it must, it consults the requester
and files with the authority. Art. 39 counts what is ended without it (P39-7).
Invariants: what is filed was answered, or its day for an answer is over; a filed record is never changed.
"""

from gateway.authz.service_changes.model import ChangeKind, ServiceChange
from gateway.authz.service_changes.service import ServiceChanges

__all__ = ["ChangeKind", "ServiceChange", "ServiceChanges"]
