"""Attestation (出证): what the audit log says of a decision or a call, handed to its parties under the gateway's seal.

Vocabulary: a *statement* is a signed document of this gateway; a *decision's seal* states the platform's acts on one
application and the grant as issued; a *receipt* states one answered call, with the commitment of the answer's bytes.
Invariants: a statement says only what stands in the ledger and names the record's place and digest, whose leaf is computed
anew before anything is signed; it goes to a party or to who watches over all; each leaves a record; the key is no token's.
"""

from gateway.attestation.making import make
from gateway.attestation.service import Attestation

__all__ = ["Attestation", "make"]
