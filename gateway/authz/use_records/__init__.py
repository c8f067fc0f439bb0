"""What the requester does with shared data: use records and disposal (Decree 809 Art. 27, 29).

Vocabulary: a *use record* says scene, process, effect and storage for a period; a *disposal* says how the data was
destroyed or given back once its purpose was met, impossible or no longer needed.
Invariants: both are only ever added: nobody, the database's logins included, changes or deletes one; each is kept three
years at least; the provider and the authority may inspect them, and that leaves a record.
"""

from gateway.authz.use_records.model import Disposal, UseRecord
from gateway.authz.use_records.service import UseRecords

__all__ = ["Disposal", "UseRecord", "UseRecords"]
