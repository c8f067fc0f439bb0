"""The publisher: signs what the log is, and keeps what it signed outside the database.

Whoever can write to the database can rewrite it as a whole, tree and heads included. What was signed before, in a file
that is not in the database and in the hands of everybody who asked, then no longer fits, and this process stops.

Only committed heads are signed. The file is durable before anybody sees the signature, so after any crash the log is at
least as long as what was promised.
"""

import asyncio
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from gateway.audit import store
from gateway.audit.bell import Bell
from gateway.audit.errors import LogRolledBack
from gateway.audit.ledger import Head
from gateway.audit.rollover.model import Continued, Logs
from gateway.audit.rollover.store import note_at
from gateway.audit.tiles.store import leaves
from gateway.audit.writer import utc_now
from gateway.errors import BadSettings, Unavailable
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.proof.refusal import Refused
from gateway.proof.tree import Tree
from gateway.seals.note import NoteSigner
from gateway.storage import Connection, Database
from gateway.telemetry import get_logger

_log = get_logger()
_LARGEST_FILE: Final = 65536


class BadSignedHead(BadSettings):
    """The file of the signed head cannot be used（已签名检查点文件不可用）."""

    remedy = (
        "Restore the file, or name the right one in [audit] signed_head_file. Without it a log cut short is not noticed.",
        "请恢复该文件，或在 [audit] signed_head_file 中指明正确的文件；缺少它则无法发现被截断的日志。",
    )


class Publisher:
    """One process's publisher; :meth:`run` is a worker.

    Args:
        database: the integrator zone's.
        file: where the last signed checkpoint lies; None keeps it in memory only.
        every_seconds: at least so long from one signature to the next.
        bell: rung by this process's integrator; what another one did is found by looking.
        logs: all of the installation; without them a file of another log is only a wrong one.
        begun: how this log began, if it took over from another.
    """

    def __init__(
        self,
        database: Database,
        signer: NoteSigner,
        file: Path | None,
        every_seconds: float,
        clock: Callable[[], datetime] = utc_now,
        bell: Bell | None = None,
        logs: Logs | None = None,
        begun: Continued | None = None,
    ) -> None:
        self._logs = logs
        self._begun = begun
        self._bell = bell or Bell()
        self._database = database
        self._signer = signer
        self._file = file
        self._every = every_seconds
        self._clock = clock
        self._last: Checkpoint | None = None
        self._unpublished: bytes | None = None

    @property
    def remembers(self) -> bool:
        """Whether something is known that was signed before."""
        return self._last is not None

    async def check(self) -> None:
        """Before the first act: the database still holds what was signed last.

        Raises:
            LogRolledBack: it does not. BadSignedHead: the file cannot be read, or is not signed by this installation.
            DatabaseDown: the database cannot be asked.
        """
        note = await asyncio.to_thread(self._kept)
        if note is None:
            return
        with store.recording():
            async with self._database.connection() as connection:
                note = await self._own(connection, note)
                self._last = self._verified(note)
                await grown(connection, self._last, await store.newest_head(connection))
                published = await store.is_published(connection, self._last.size)
        # a process died between the file and the database
        self._unpublished = None if published else note

    async def run(self) -> NoReturn:
        """Publish whenever the log has grown.

        Raises:
            LogRolledBack: the log is no longer the one that was signed; nothing more may be done on it.
        """
        while True:
            began = time.perf_counter()
            try:
                await self.publish()
            except Unavailable as fault:
                _log.warning("audit.publisher.waits", why=fault.detail)
            await asyncio.sleep(max(0.0, began + self._every - time.perf_counter()))
            await self._bell.heard(self._every)

    async def publish(self) -> Checkpoint | None:
        """Sign the newest head, if it is new; the checkpoint, or None.

        Raises:
            LogRolledBack, BadSignedHead, DatabaseDown, AuditUnavailable.
        """
        with store.recording():
            async with self._database.connection() as connection:
                head = await store.newest_head(connection)
                if self._last is not None:
                    await grown(connection, self._last, head)
        point = Checkpoint(self._signer.name, head.size, head.root)
        if point == self._last and self._unpublished is None:
            return None
        note = self._unpublished
        if note is None or point != self._last:
            note = self._signer.sign(point.text)
            await asyncio.to_thread(self._keep, note)
            self._last, self._unpublished = point, note
        with store.recording():
            async with self._database.connection() as connection:
                await store.add_checkpoint(connection, head.size, note, self._clock())
        self._unpublished = None
        return point

    def _kept(self) -> bytes | None:
        if self._file is None:
            return None
        try:
            with self._file.open("rb") as opened:
                return opened.read(_LARGEST_FILE)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._bad(f"cannot be read: {fault.strerror}", "无法读取") from None

    def _verified(self, note: bytes) -> Checkpoint:
        try:
            return verify_checkpoint(note, [self._signer.key], self._signer.name)[0]
        except Refused as fault:
            raise self._bad(fault.detail, fault.detail_zh) from None

    async def _own(self, connection: Connection, note: bytes) -> bytes:
        """The note, or the first one of this log where the file is still of a log it took over from.

        That a log took over is believed for what it signed, which nobody can who has the database alone.
        """
        if self._logs is None or origin_of(note) == self._signer.name:
            return note
        try:
            held = self._logs.known(note)
            last = self._logs.known(self._begun.retired) if self._begun else held
        except Refused as fault:
            raise self._bad(fault.detail, fault.detail_zh) from None
        if self._begun is None or held.number >= self._begun.number:
            raise _rolled_back(
                f"{held.checkpoint.origin} was signed last, the database holds {self._signer.name}",
                f"最后签名的日志为 {held.checkpoint.origin}，数据库中为 {self._signer.name}",
            )
        first = await note_at(connection, self._begun.first_idx + 1)
        if first is None or origin_of(first) != self._signer.name:
            raise _rolled_back(
                f"{self._signer.name} took over from {held.checkpoint.origin} and has signed nothing: run ./gw audit rollover "
                "again on the host where that was begun",
                f"{self._signer.name} 已接续 {held.checkpoint.origin}，但尚未签名：请在原主机上再次运行 ./gw audit rollover",
            )
        if (held.number, held.checkpoint.size) > (last.number, last.checkpoint.size):
            raise _rolled_back(
                f"{held.checkpoint.origin} had signed {held.checkpoint.size} records, the log that took over knows of "
                f"{last.checkpoint.size}",
                f"{held.checkpoint.origin} 已签名 {held.checkpoint.size} 条，接续的日志仅知 {last.checkpoint.size} 条",
            )
        return first

    def _keep(self, note: bytes) -> None:
        if self._file is not None:
            keep_signed(self._file, note)

    def _bad(self, said: str, said_zh: str) -> BadSignedHead:
        return BadSignedHead(f"{self._file}: {said}", f"{self._file}：{said_zh}")


def keep_signed(file: Path, note: bytes) -> None:
    """Replace the file of the signed head, durably.

    Raises:
        BadSignedHead: it cannot be written.
    """
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with draft.open("wb") as out:
            out.write(note)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as fault:
        raise BadSignedHead(f"{file}: cannot be written: {fault.strerror}", f"{file}：无法写入") from None


def origin_of(note: bytes) -> str:
    """Of which log a note says to be; empty for what says nothing readable."""
    return note.partition(b"\n")[0].decode("utf-8", "replace")


async def grown(connection: Connection, signed: Checkpoint, head: Head) -> None:
    """The log at ``head`` begins with what was signed: the tree is grown anew from there by the leaves stored.

    Raises:
        LogRolledBack: it does not.
    """
    then = await store.head_of(connection, signed.size)
    if head.size < signed.size or then is None:
        raise _rolled_back(
            f"{signed.size} records were signed, the log holds {head.size}",
            f"已签名 {signed.size} 条，现有 {head.size} 条",
        )
    tree = Tree(then.size, then.frontier)
    if tree.root() != signed.root:
        raise _rolled_back(
            f"the root at {signed.size} records is another one", f"前 {signed.size} 条记录的树根不一致"
        )
    async for some in leaves(connection, signed.size, head.size):
        tree.extend(some)
    if (tree.size, tree.root()) != (head.size, head.root):
        raise _rolled_back(
            f"the records after {signed.size} do not lead to the head",
            f"第 {signed.size} 条之后的记录与树根不符",
        )


def _rolled_back(said: str, said_zh: str) -> LogRolledBack:
    return LogRolledBack(said, said_zh)
