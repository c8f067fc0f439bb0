"""A small log with its key and a witness, and receipts of its records, made by the definitions and not by the gateway."""

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledgers import CONSUMER, NOW, PROVIDER, event_bytes

from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import COSIGNATURE, ED25519, NoteKey, cosigned_note, sign_note
from gateway.proof.proofs import inclusion_proof, root_of
from gateway.proof.receipts import LogProof, write_proof
from gateway.proof.stub import stub_of
from gateway.proof.tree import leaf_hash

ORIGIN = "gateway-audit/11621000MB00000011"
LOG = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
LOG_KEY = NoteKey(ORIGIN, ED25519, LOG.public_key().public_bytes_raw())
WITNESS_KEY = NoteKey("tianshui.example/witness", COSIGNATURE, WITNESS.public_key().public_bytes_raw())
SEEN_AT = datetime(2026, 9, 30, 9, 0, tzinfo=UTC)
NONCE, BODY = bytes(range(16)), b'{"records":[{"name":"x"}]}'
EVENTS = [
    event_bytes(number, detail={"answer": hashlib.sha256(NONCE + BODY).hexdigest()} if number == 5 else {})
    for number in range(11)
]
STUBS = [
    stub_of(number, int(NOW.timestamp() * 1000), CONSUMER, PROVIDER, number + 1, number + 1, event)
    for number, event in enumerate(EVENTS)
]
LEAVES = [leaf_hash(stub) for stub in STUBS]
PLAIN = f"log {LOG_KEY}\nquorum none\n".encode()
WITNESSED = f"log {LOG_KEY}\nwitness tianshui {WITNESS_KEY}\nquorum tianshui\n".encode()


def note(size: int = 11, *, cosigned: bool = True, private: Ed25519PrivateKey = LOG) -> bytes:
    """The checkpoint at a size, signed, and cosigned by the witness."""
    signed = sign_note(Checkpoint(ORIGIN, size, root_of(LEAVES[:size])).text, ORIGIN, private)
    return cosigned_note(signed, WITNESS_KEY.name, WITNESS, SEEN_AT) if cosigned else signed


def proof(index: int = 5, size: int = 11) -> LogProof:
    """The proof of one record in the tree of a size."""
    hashes = tuple(inclusion_proof(LEAVES[:size], index))
    return LogProof(STUBS[index] + EVENTS[index], index, hashes, note(size))


RECEIPT = write_proof(proof())
