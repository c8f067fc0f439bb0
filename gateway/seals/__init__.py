"""Keys and what they close.

Holds the installation's master key and the vault that encrypts secrets before they are stored; reads and verifies
electronic seals (电子印章) and stamps (电子签章), and the certificates behind them.

Vocabulary: a *seal* says who may stamp and is signed by its *maker* (制章者); a *stamp* is a *signer*'s signature on
a document with the seal inside; an *anchor* is an authority trusted for one purpose.
Invariants: a wrapped value opens only under the same master key and the same context; what is not proven is
indeterminate or invalid, never valid; SM2 comes from libcrypto or not at all; nothing here touches the database or
the network.
"""

from gateway.seals.vault import Vault, WrongKey, create_master_key, read_master_key

__all__ = ["Vault", "WrongKey", "create_master_key", "read_master_key"]
