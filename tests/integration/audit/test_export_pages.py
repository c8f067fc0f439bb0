"""Packs over more records than one page, and over a ledger that does not hold them all."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import CONSUMER, INSERT, PROVIDER, event_bytes

from gateway.audit import AuditLog
from gateway.audit.exports.errors import ExportNotReady, NoSuchExport, RecordsDropped
from gateway.audit.exports.service import Exports
from gateway.audit.publisher import Publisher
from gateway.audit.rollover.model import log_signer
from gateway.audit.writer import utc_now
from gateway.names import new_id
from gateway.proof.pack_answer import pack
from gateway.proof.pack_asked import Asked
from gateway.storage import Zone
from gateway.web import Principal

SIGNER = log_signer("11621000MB00000011", bytes(32))
POLICY = f"log {SIGNER.key}\nquorum none\n".encode()
THIRD = "11621000MB00000037"
AUDITOR = Principal("person", "auditor", CONSUMER, frozenset({"auditor"}), "127.0.0.1", "test")
CALLS = Asked(
    "records", CONSUMER, ("consumer", "provider"), filter={"type": "call.intended"}, tables=("csv", "xlsx")
)


async def no_seal(*_: Any) -> dict[str, str]:
    raise AssertionError("nothing is sealed here")


async def exports(database: Any, log: AuditLog) -> Exports:
    reader, control = await database.open(Zone.READER), await database.open(Zone.CONTROL)
    return Exports(reader, control, log, no_seal, "https://gateway.example", 10000, utc_now)


async def taken(made: Exports, export: UUID) -> bytes:
    return b"".join([piece async for piece in await made.take(AUDITOR, export, "")])


async def test_a_pack_over_several_pages_and_tiles_is_whole(
    database: Any,
    owner: asyncpg.Connection,
    writing: Any,
    integrate: Callable[[], Awaitable[None]],
    tmp_path: Path,
) -> None:
    parties = ((CONSUMER, PROVIDER), (THIRD, PROVIDER), (PROVIDER, CONSUMER), (THIRD, CONSUMER))
    events = [
        event_bytes(number, consumer_org=parties[number % 4][0], provider_org=parties[number % 4][1])
        for number in range(2400)
    ]
    for start in range(0, 2400, 600):
        await owner.execute(INSERT, new_id(), events[start : start + 600])
    async with writing(database.dsn(Zone.CONTROL)) as log:
        made = await exports(database, log)
        export = await made.ask(AUDITOR, CALLS, "")
        with pytest.raises(NoSuchExport):
            await made.show(AUDITOR, export, "")
        await integrate()
        assert (await made.show(AUDITOR, export, "")).plan is None
        with pytest.raises(ExportNotReady):
            await made.take(AUDITOR, export, "")
        assert await Publisher(await database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()
        content = await taken(made, export)
        (tmp_path / "pack.zip").write_bytes(content)
        said = pack(tmp_path / "pack.zip", POLICY).members
        assert [(one["side"], one["first"], one["last"]) for one in said["ranges"]] == [
            ("consumer", 1, 601), ("provider", 1, 1201),
        ]  # fmt: skip
        assert (said["matching"], said["shown"], said["hidden"]) == (1800, 1801, 0)
        assert await taken(made, export) == content, "asked again it is the same"

        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM audit.ledger WHERE idx = 2002")
        with pytest.raises(RecordsDropped):
            await made.take(AUDITOR, export, "")
