"""The witness's memory: a folder with one file for each log, replaced as a whole; the file is the note cosigned last.

A note proves itself, so whoever changes a file is noticed at the next start: it must carry the log's signature and the
witness's own.
"""

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from gateway.errors import BadSettings
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.proof.notes import LARGEST_NOTE, NoteKey
from gateway.proof.refusal import Refused

_NOTE: Final = ".note"
_FORK: Final = ".fork"
_MOST_FORKS: Final = 100


class BadWitnessFolder(BadSettings):
    """The witness's folder cannot be used（见证数据目录不可用）."""

    remedy = (
        "Let nobody else write to it and run one witness on it. A damaged file is restored from a backup, or removed once the "
        "log's operator has given you its newest checkpoint on another way: without it an earlier history could be shown again.",
        "请勿让其他进程写入，且同一目录只运行一个见证进程。文件损坏时应从备份恢复；确需删除时，请先通过其他途径取得该日志最新检查点。",
    )


class Memory:
    """The latest note of each log. One process at a time: :meth:`open` takes the folder's lock.

    Args:
        own: the key the stored notes must carry.
    """

    def __init__(self, folder: Path, own: NoteKey, lock: int) -> None:
        self._folder = folder
        self._own = own
        self._lock = lock
        self._latest: dict[str, tuple[Checkpoint, bytes]] = {}

    @classmethod
    def open(cls, folder: Path, own: NoteKey, logs: Sequence[NoteKey]) -> Self:
        """Take the folder and read what is in it.

        Raises:
            BadWitnessFolder: another process works on it, or a file is not what a witness wrote.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise _bad(folder, f"cannot be opened: {fault.strerror}", "无法打开") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            made = cls(folder, own, lock)
            for key in logs:
                made._read(key, [each for each in logs if each.name == key.name])
        except BlockingIOError:
            os.close(lock)
            raise _bad(folder, "another witness works on it", "另一见证进程正在使用") from None
        except BaseException:
            os.close(lock)
            raise
        return made

    def close(self) -> None:
        """Let others have the folder."""
        os.close(self._lock)

    def latest(self, origin: str) -> Checkpoint | None:
        """What was cosigned last of a log; None if nothing was."""
        known = self._latest.get(origin)
        return known[0] if known else None

    def note(self, name: str) -> bytes | None:
        """The note cosigned last of the log with this :func:`file_name`."""
        return next((note for origin, (_, note) in self._latest.items() if file_name(origin) == name), None)

    def checkpoints(self) -> list[Checkpoint]:
        """The latest of every log, by origin."""
        return [self._latest[origin][0] for origin in sorted(self._latest)]

    def keep(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Replace the latest of a log; it is durable when this returns.

        Raises:
            BadWitnessFolder: it cannot be written; the latest is the one before.
        """
        self._write(file_name(checkpoint.origin) + _NOTE, note)
        self._latest[checkpoint.origin] = (checkpoint, note)

    def keep_fork(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Keep a second history a log signed, with the first: whoever has both can show it to anybody.

        At most a hundred are kept, so that a log gone mad does not fill the disk.
        """
        name = f"{file_name(checkpoint.origin)}-{checkpoint.size}-{checkpoint.root.hex()[:16]}{_FORK}"
        if len(list(self._folder.glob(f"*{_FORK}"))) < _MOST_FORKS:
            first = self._latest[checkpoint.origin][1]
            self._write(name, first + b"\n" + note)

    def _read(self, key: NoteKey, keys: Sequence[NoteKey]) -> None:
        path = self._folder / (file_name(key.name) + _NOTE)
        try:
            with path.open("rb") as opened:
                note = opened.read(LARGEST_NOTE + 1)
        except FileNotFoundError:
            return
        except OSError as fault:
            raise _bad(path, f"cannot be read: {fault.strerror}", "无法读取") from None
        try:
            checkpoint, _ = verify_checkpoint(note, keys, key.name)
            verify_checkpoint(note, [self._own], key.name)
        except Refused as refusal:
            raise _bad(path, refusal.detail, refusal.detail_zh) from None
        self._latest[key.name] = (checkpoint, note)

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        draft = path.with_name(f"{name}.draft")
        try:
            with draft.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as fault:
            raise _bad(path, f"cannot be written: {fault.strerror}", "无法写入") from None


def file_name(origin: str) -> str:
    """How a log is named in addresses and files: SHA-256 of its origin, hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _bad(path: Path, said: str, said_zh: str) -> BadWitnessFolder:
    return BadWitnessFolder(f"{path}: {said}", f"{path}：{said_zh}")
