"""Logs and witnesses for tests: real keys, real trees, a witness on a real socket."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import NoteKey
from gateway.proof.proofs import consistency_proof, root_of
from gateway.seals.cosigner import Cosigner
from gateway.seals.note import NoteSigner
from gateway.settings import Web
from gateway.web.listener import bound, listener_of, listening
from gateway.witness.routes import Door
from gateway.witness.service import Witness
from gateway.witness.store import Memory


@dataclass
class ALog:
    """A log in memory. ``branch`` makes another history of the same length."""

    name: str = "gateway-audit/11621000MB00000011"
    seed: bytes = bytes(32)
    branch: str = ""
    leaves: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer = NoteSigner(self.name, self.seed, "audit log")

    def at(self, size: int) -> list[bytes]:
        first = len(self.leaves)
        self.leaves += [
            hashlib.sha256(f"{self.branch} {number}".encode()).digest() for number in range(first, size)
        ]
        return self.leaves[:size]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.name, size, root_of(self.at(size)))

    def note(self, size: int) -> bytes:
        return self.signer.sign(self.checkpoint(size).text)

    def submission(self, old: int, size: int, proof: Sequence[bytes] | None = None) -> bytes:
        self.at(size)
        if proof is None:
            proof = consistency_proof(self.leaves[:size], old) if 0 < old <= size else []
        lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
        return f"old {old}\n{lines}\n".encode() + self.note(size)


@asynccontextmanager
async def a_witness(
    folder: Path,
    logs: Sequence[NoteKey],
    name: str = "witness.next-city.example",
    clock: Callable[[], datetime] | None = None,
) -> AsyncIterator[tuple[str, Cosigner, Memory]]:
    """A witness on a free port: its address, its key, its memory."""
    signer = Cosigner(name, hashlib.sha256(name.encode()).digest())
    memory = Memory.open(folder, signer.key, logs)
    try:
        opened = bound("127.0.0.1", 0)
        witness = Witness(memory, signer, logs, clock or (lambda: datetime.now(UTC)))
        async with listening(Door(witness, Web()).answer, opened, Web(), cancel_on_disconnect=False):
            yield listener_of(opened).url, signer, memory
    finally:
        memory.close()
