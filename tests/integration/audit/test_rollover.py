"""A database put back from an old backup goes on as another log, signed for by two persons; the old one stays verifiable."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from backups import copied, started
from click.testing import CliRunner, Result
from signing_in import CHEAP, PASSWORD, accept, invite
from witnessing import a_witness
from world import PLATFORM, World, another, running_gateway, running_world, until

from gateway.audit.errors import LogRolledBack
from gateway.audit.rollover.model import Logs
from gateway.cli import main
from gateway.proof.checkpoint import verify_checkpoint
from gateway.proof.notes import NoteKey
from gateway.proof.policy import read_policy
from gateway.proof.receipts import verify_receipt

INCIDENT = "存储故障，恢复三日前备份"
Cli = Callable[..., Any]


def cli(database: Any, folder: Path, witness: dict[str, Any], file: Path) -> Cli:
    """``./gw audit`` on a database, in a thread of its own; ``typed`` is what the persons type."""
    key = folder / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = os.environ | {
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
        "GATEWAY__AUDIT__SIGNED_HEAD_FILE": str(file),
        "GATEWAY__WITNESSING__WITNESSES": json.dumps([witness]),
        "GATEWAY__WITNESSING__QUORUM_MIN": "1",
        "GATEWAY_DATA_DIR": str(folder),
    }

    async def run(*words: str, typed: str = "") -> Result:
        runner = CliRunner()
        return await asyncio.to_thread(runner.invoke, main, ["audit", *words], input=typed, env=environment)

    return run


async def receipt(world: World, event_id: str) -> bytes:
    """The receipt of a record, once a witness saw it."""

    async def given() -> bytes:
        answer = await world.as_("auditor", "GET", f"/v1/audit/receipts/{event_id}")
        return bytes(answer.body) if answer.status == 200 else b""

    await until(given)
    return await given()


async def an_act(world: World) -> str:
    """Something that leaves a record; its event's id."""
    answer = await world.as_("provider", "POST", "/v1/resources", another())
    answer.ok()
    return str(answer.headers["Audit-Id"])


@asynccontextmanager
async def again(database: Any, settings: dict[str, Any]) -> AsyncIterator[World]:
    """A gateway on a database that had one before."""
    async with running_gateway(database, **settings) as (gateway, _), aiohttp.ClientSession() as session:
        yield World(gateway, session)


async def newest(database: Any) -> int:
    """How many records the ledger holds."""
    owner = await database.owner()
    try:
        return int(await owner.fetchval("SELECT max(size) FROM audit.head"))
    finally:
        await owner.close()


async def test_after_a_rollover_the_gateway_starts_and_both_logs_are_verifiable(
    database: Any, tmp_path: Path
) -> None:
    logs, file = Logs(PLATFORM, database.master_key), tmp_path / "audit-head"
    first, second = (logs.signer(number).key for number in (1, 2))
    async with AsyncExitStack() as stack:
        url, signer, _ = await stack.enter_async_context(a_witness(tmp_path / "witness", [first, second]))
        witness = {"name": "one", "key": str(signer.key), "url": url, "monitoring_url": url}
        settings = {
            "witnessing": {
                "witnesses": [witness],
                "quorum_min": 1,
                "submit_seconds": 0.05,
                "answer_seconds": 20,
            },
            "audit": {"signed_head_file": file, "publish_seconds": 0.05},
            "identity": CHEAP,
        }
        async with running_world(database, **settings) as world:
            now = datetime.now(UTC).timestamp()
            auditor = await accept(world, "auditor", await invite(world, "auditor"), now - 30)
            kept = await receipt(world, await an_act(world))
        backup = await stack.enter_async_context(copied(database))
        async with again(database, settings) as world:
            lost = await receipt(world, await an_act(world))
        shutil.copy(file, tmp_path / "other-host")
        with pytest.raises(LogRolledBack, match="records were signed"):
            await started(backup, settings)

        gw = cli(backup, tmp_path, witness, file)
        size = await newest(backup)
        for words, typed in (
            ((), f"wrong-password-1\n{auditor.digits(now)}\n"),
            (("--security", "platform-admin"), ""),
            (("--audit", "security-admin"), ""),
        ):
            refused = await gw("rollover", "--incident", INCIDENT, *words, typed=typed)
            assert (refused.exit_code, await newest(backup)) == (1, size), refused.output
        done = await gw(
            "rollover", "--incident", INCIDENT, "--json", typed=f"{PASSWORD}\n{auditor.digits(now)}\n"
        )
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["origin"], told["key"], told["size"]) == (second.name, str(second), size + 1)
        assert told["lost"] == told["retired"]["size"] - size > 0
        twice = await gw("rollover", "--incident", INCIDENT)
        assert (twice.exit_code, "the log holds" in twice.output) == (1, True), twice.output

        policy = read_policy((await gw("policy")).stdout.encode())
        assert policy.logs == (second, first)
        for host in (
            file,
            tmp_path / "other-host",
        ):  # the other host still holds what the old log signed last
            more = settings | {"audit": settings["audit"] | {"signed_head_file": host}}
            async with again(backup, more) as world:
                new = await receipt(world, await an_act(world))
                await says_what_happened(world, size, told, first)
        for proof, by in ((kept, first), (lost, first), (new, second)):
            assert verify_receipt(proof, policy).witnessed.log == by
        assert (await gw("verify")).exit_code == 0
        with pytest.raises(LogRolledBack, match="was signed last"):  # put back once more
            await started(database, settings)


async def says_what_happened(world: World, size: int, told: dict[str, Any], retired: NoteKey) -> None:
    """The first own record of the new log."""
    (found,) = (await world.as_("auditor", "GET", "/v1/audit/events?type=log.taken_over")).ok()["items"]
    detail = found["event"]["detail"]
    assert (found["idx"], detail["kept"]["size"], detail["incident"]) == (size, size, INCIDENT)
    assert detail["retired"]["size"] == told["retired"]["size"]
    verify_checkpoint(detail["retired"]["checkpoint"].encode(), [retired])
    assert [(one["id"], one["role"], one["authenticated_by"]) for one in detail["signed_by"]] == [
        ("security-admin", "security_admin", "the machine's account"),
        ("auditor", "auditor", "password and second factor"),
    ]
