"""The one act of a witness: check, keep, then cosign."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.proof.notes import NoteKey
from gateway.seals.cosigner import Cosigner
from gateway.telemetry import get_logger
from gateway.witness.model import Forked, NotCosigned, Submission, judge, verified
from gateway.witness.store import Memory

_log = get_logger()


class Witness:
    """Cosigns checkpoints of the logs it knows.

    Args:
        logs: keys of the logs; the name in a key is the log's origin.
    """

    def __init__(
        self, memory: Memory, signer: Cosigner, logs: Sequence[NoteKey], clock: Callable[[], datetime]
    ) -> None:
        self.memory = memory
        self._signer = signer
        self._logs = tuple(logs)
        self._clock = clock
        self._turn = asyncio.Lock()

    async def add_checkpoint(self, body: bytes) -> bytes:
        """The cosignature line for a submission; the checkpoint is durable here before it is returned.

        Raises:
            NotCosigned: with the status of the protocol; nothing was changed.
            BadWitnessFolder: it could not be kept, so nothing is cosigned.
        """
        submission = Submission.read(body)
        asked = verified(submission.note, self._logs)
        # one at a time: what is compared with must still be the latest when it is replaced
        async with self._turn:
            try:
                judge(submission, asked.checkpoint, self.memory.latest(asked.checkpoint.origin))
            except Forked:
                _log.error(
                    "witness.fork", origin=asked.checkpoint.origin, size=asked.checkpoint.size,
                    root=asked.checkpoint.root.hex(),
                )  # fmt: skip
                await asyncio.to_thread(self.memory.keep_fork, asked.checkpoint, asked.note)
                raise
            except NotCosigned as refusal:
                if refusal.status == 422:
                    _log.warning("witness.inconsistent", origin=asked.checkpoint.origin, why=refusal.detail)
                raise
            cosigned = self._signer.cosign(asked.note, self._clock())
            await asyncio.to_thread(self.memory.keep, asked.checkpoint, cosigned)
        return cosigned[len(asked.note) :]
