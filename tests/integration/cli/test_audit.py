"""``gw audit`` as a user runs it: its own process, settings from the environment."""

import asyncio
import base64
import getpass
import json
import os
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import CONSUMER, an_event

from gateway.audit import AuditLog, Cause, EventType, integrate_once
from gateway.settings import Audit
from gateway.storage import Zone

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def run(database: Any, tmp_path: Path) -> Run:
    """Run ``gw audit``; exit code, standard output, standard error."""
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = os.environ | {
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
    }

    async def gw(*arguments: str, **changed: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "audit", *arguments,
            env=environment | changed, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    return gw


@pytest.fixture
async def recorded(database: Any) -> None:
    """Three records, ordered."""
    log = await AuditLog.open(database.dsn(Zone.EXCHANGE), Audit(allow_unsafe_durability=True), node="node")
    async with asyncio.TaskGroup() as workers:
        workers.create_task(log.run())
        for kind in (EventType.CALL_INTENDED, EventType.CALL_RELEASED, EventType.CALL_FAILED):
            await log.append(an_event(type=kind, reason="查询"))
        await log.close()
    await order(database)


async def order(database: Any) -> None:
    zone = await database.open(Zone.INTEGRATOR)
    async with zone.connection() as connection:
        while await integrate_once(connection):
            pass


@pytest.mark.usefixtures("recorded")
async def test_an_intact_log_is_verified_with_its_size_and_root(run: Run, database: Any) -> None:
    code, out, _ = await run("verify", "--json")
    owner = await asyncpg.connect(database.owner_dsn)
    root = await owner.fetchval("SELECT encode(root, 'hex') FROM audit.head WHERE size = 3")
    await owner.close()
    assert code == 0
    assert json.loads(out) == {"ok": True, "size": 3, "root": root, "finding": None}
    assert (await run("verify"))[:2] == (
        0,
        f"Intact: 3 records, root {root}.\n完整：3 条记录，与树根一致。\n",
    )


@pytest.mark.usefixtures("recorded")
async def test_an_incremental_verification_is_kept_leaves_a_record_and_goes_on_from_there(
    run: Run, database: Any, tmp_path: Path
) -> None:
    code, out, _ = await run("verify", "--incremental", "--json")
    assert (code, json.loads(out)["size"]) == (0, 3)
    await order(database)
    assert (await run("verify", "--incremental"))[:2] == (
        0,
        f"Intact: 4 records, root {await root(database)}.\n完整：4 条记录，与树根一致。\n",
    )
    owner = await asyncpg.connect(database.owner_dsn)
    kept = await owner.fetch("SELECT from_size, size FROM audit.verification ORDER BY id")
    assert [tuple(row) for row in kept] == [(0, 3), (3, 4)]
    assert (
        await owner.fetchval("SELECT actor FROM audit.ledger WHERE type = 'audit.verified'")
        == f"system:{getpass.getuser()}"
    )
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE audit.head SET root = sha256('x') WHERE size = 4")
    await owner.close()
    code, out, _ = await run("verify", "--incremental", "--json")
    assert (code, json.loads(out)["finding"]["problem"]) == (1, "head-broken")
    code, _, err = await run("verify", "--incremental", "--dump", str(tmp_path))
    assert (code, "Error" in err) == (2, True)


async def root(database: Any) -> str:
    """The newest head's."""
    owner = await asyncpg.connect(database.owner_dsn)
    found = await owner.fetchval("SELECT encode(root, 'hex') FROM audit.head ORDER BY size DESC LIMIT 1")
    await owner.close()
    return str(found)


@pytest.mark.usefixtures("recorded")
async def test_a_changed_record_is_named(run: Run, database: Any) -> None:
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE audit.ledger SET reason = 'other' WHERE idx = 1")
    event, leaf = await owner.fetchrow(
        "SELECT event_id::text, encode(leaf_hash, 'hex') FROM audit.ledger WHERE idx = 1"
    )
    await owner.close()
    code, out, _ = await run("verify", "--json")
    assert code == 1
    shown = json.loads(out)
    assert (shown["ok"], shown["size"], shown["root"]) == (False, 1, None)
    assert shown["finding"] == {
        "problem": "leaf-differs", "idx": 1, "what": "leaf_hash", "event_id": event,
        "expected": shown["finding"]["expected"], "found": leaf, "last_idx": None, "line": None,
    }  # fmt: skip
    assert shown["finding"]["expected"] != leaf
    code, out, _ = await run("verify")
    assert code == 1
    assert out.startswith("Broken: leaf-differs at record 1: leaf_hash\n")
    assert event in out


@pytest.mark.usefixtures("recorded")
async def test_a_dump_is_verified_without_database_and_a_changed_byte_is_named(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "dump.ndjson"
    code, out, _ = await run("dump", str(path), "--json")
    assert (code, json.loads(out)) == (0, {"file": str(path), "records": 3, "heads": 2})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    away = {"GATEWAY__STORAGE__DSN": "postgresql://nobody@127.0.0.1:1/none"}
    code, out, _ = await run("verify", "--dump", str(path), "--json", **away)
    assert (code, json.loads(out)["size"]) == (0, 3)
    path.write_bytes(path.read_bytes().replace(b"call.failed", b"call.fail3d", 1))
    code, out, _ = await run("verify", "--dump", str(path), "--json", **away)
    finding = json.loads(out)["finding"]
    assert (code, finding["idx"], finding["problem"]) == (1, 2, "column-differs")
    code, _, err = await run("dump", str(path))
    assert (code, "exists; name a new file" in err) == (2, True)


@pytest.mark.usefixtures("recorded")
async def test_records_are_listed_newest_first_and_listing_leaves_a_record(run: Run, database: Any) -> None:
    code, out, _ = await run("list", "--limit", "2", "--json")
    shown = json.loads(out)
    assert code == 0
    assert [record["event"]["type"] for record in shown["records"]] == ["call.failed", "call.released"]
    assert "查询" in out
    code, out, _ = await run("list", "--before", str(shown["next_before"]), "--json")
    assert [record["idx"] for record in json.loads(out)["records"]] == [0]
    await order(database)
    code, out, _ = await run("list", "--type", "audit.queried")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "system:" in out
    assert (await run("list", "--type", "grant.revoked"))[1] == "no records (没有记录)\n"


@pytest.mark.usefixtures("recorded")
async def test_records_are_found_by_who_acted_and_a_chain_says_which_link_is_broken(
    run: Run, database: Any
) -> None:
    code, out, _ = await run(
        "list", "--client", "realty", "--org", CONSUMER, "--type", "call.failed", "--json"
    )
    (found,) = json.loads(out)["records"]
    assert (code, found["idx"]) == (0, 2)
    assert (await run("list", "--person", "realty"))[1] == "no records (没有记录)\n"
    code, out, _ = await run("chain", found["event_id"])
    assert (code, out.split()[:2]) == (0, ["HERE", "2"])
    log = await AuditLog.open(database.dsn(Zone.EXCHANGE), Audit(allow_unsafe_durability=True), node="node")
    lost = Cause(UUID(int=1), bytes(32))
    async with asyncio.TaskGroup() as workers:
        workers.create_task(log.run())
        written = await log.append(an_event(cause=(lost,)))
        await log.close()
    await order(database)
    code, out, _ = await run("chain", str(written.event_id))
    assert (code, f"BROKEN: its cause {lost.event_id}" in out) == (1, True)
    assert (await run("chain", str(UUID(int=2))))[0] == 1


@pytest.mark.parametrize("arguments", [["verify"], ["list"], ["dump"]])
async def test_without_database_the_commands_say_so(arguments: list[str], run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new"
    arguments = [*arguments, str(path)] if arguments == ["dump"] else arguments
    code, _, err = await run(*arguments, GATEWAY__STORAGE__DSN="postgresql://nobody@127.0.0.1:1/none")
    assert code == 4
    assert "Traceback" not in err
    assert not path.exists()


@pytest.mark.parametrize(
    "arguments",
    [["list", "--limit", "0"], ["list", "--application", "x"], ["list", "--org", "x"],
     ["list", "--person", "a", "--client", "b"], ["list", "--since", "yesterday"], ["list", "--type", "no.such"],
     ["verify", "--dump", "missing-file"], ["dump"], ["dump", "no/such/folder/file"]],
)  # fmt: skip
async def test_wrong_arguments_are_told_before_anything_is_opened(arguments: list[str], run: Run) -> None:
    code, _, err = await run(*arguments)
    assert code == 2
    assert "Traceback" not in err
