"""The logs of one installation by their numbers, and what a checkpoint somebody holds says beside the database."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.proof.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from gateway.proof.notes import NoteKey, read_note
from gateway.proof.refusal import Refused
from gateway.seals.note import NoteSigner

FIRST: Final = 1
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Continued:
    """A log that took over from one before it.

    Args:
        number: from 2; the first log took over from none.
        first_idx: the index of its first own record; before it stand the records that were left.
        retired: the last known checkpoint of the log before, as signed.
    """

    number: int
    first_idx: int
    retired: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A verified checkpoint of one of the installation's logs."""

    number: int
    checkpoint: Checkpoint
    note: bytes


def log_signer(org_code: str, master_key: bytes, number: int = FIRST) -> NoteSigner:
    """The signer of one of an installation's logs; its name is the log's origin."""
    later = "" if number == FIRST else f"{number}"
    origin = f"gateway-audit/{org_code}" + (f"/{later}" if later else "")
    return NoteSigner(origin, master_key, f"audit log {later}".rstrip())


class Logs:
    """All logs an installation can have had; every key follows from the master key and the log's number."""

    def __init__(self, org_code: str, master_key: bytes) -> None:
        self._org_code = org_code
        self._master_key = master_key

    def signer(self, number: int) -> NoteSigner:
        """The signer of a log."""
        return log_signer(self._org_code, self._master_key, number)

    def keys(self, number: int) -> list[NoteKey]:
        """The keys of a log and of all before it, newest first."""
        return [self.signer(each).key for each in range(number, FIRST - 1, -1)]

    def number_of(self, origin: str) -> int:
        """Which log an origin names.

        Raises:
            Refused: none of this installation's.
        """
        first = self.signer(FIRST).name
        if origin == first:
            return FIRST
        name, _, number = origin.rpartition("/")
        if name != first or not _NUMBER.fullmatch(number) or int(number) == FIRST:
            raise Refused("origin", f"{origin} is no log of this installation", f"{origin} 不是本系统的日志")
        return int(number)

    def known(self, note: bytes) -> Known:
        """A checkpoint that one of the logs signed.

        Raises:
            Refused: none did.
        """
        number = self.number_of(read_checkpoint(read_note(note).text).origin)
        checkpoint, _ = verify_checkpoint(note, [self.signer(number).key])
        return Known(number, checkpoint, note)


def latest(known: Iterable[Known]) -> Known | None:
    """Of the newest log that is known the largest checkpoint; None of none."""
    return max(known, key=lambda one: (one.number, one.checkpoint.size), default=None)
