"""A whole gateway, a witness, and a database put back from an old backup: it does not start, whichever trace is left."""

import shutil
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from backups import copied, started
from witnessing import a_witness
from world import PLATFORM, running_gateway, running_world, until

from gateway.audit.errors import LogRolledBack
from gateway.audit.rollover.model import log_signer
from gateway.proof.checkpoint import verify_checkpoint
from gateway.witness.store import Memory


async def test_an_old_backup_is_not_started_on_whichever_trace_of_the_newer_log_is_left(
    database: Any, tmp_path: Path
) -> None:
    file, key = tmp_path / "head", log_signer(PLATFORM, database.master_key).key
    async with a_witness(tmp_path / "witness", [key]) as (url, signer, memory):
        seat = {"name": "one", "key": str(signer.key), "url": url, "monitoring_url": url}
        settings = {
            "witnessing": {
                "witnesses": [seat],
                "quorum_min": 1,
                "submit_seconds": 0.05,
                "answer_seconds": 20,
            },
            "audit": {"signed_head_file": file, "publish_seconds": 0.05},
        }
        async with running_world(database, **settings) as world:

            async def witnessed() -> bytes:
                answer = await world.as_("requester", "GET", "/v1/audit/checkpoint?witnessed=true")
                return bytes(answer.body) if answer.status == HTTPStatus.OK else b""

            await until(witnessed)
            _, signed = verify_checkpoint(await witnessed(), [key, signer.key], key.name)
            assert [one.key for one in signed] == [key, signer.key]
            stages = (await world.as_("requester", "GET", "/v1/audit/standing")).ok()["stages"]
            assert [one["stage"] for one in stages] == ["inbox", "unpublished", "unwitnessed"]
            assert not any(one["late"] or one["stops_calls"] for one in stages)
        old = tmp_path / "old-head"
        shutil.copy(file, old)
        async with copied(database) as backup:
            before = await held(backup)
            async with running_gateway(database, **settings):

                async def grown() -> bool:
                    return cosigned(memory, key.name) > before

                await until(grown)
            for trace, why in (
                (file, "records were signed"),
                (old, "one holds a checkpoint"),
                (tmp_path / "none", "one holds"),
            ):
                left = settings | {"audit": settings["audit"] | {"signed_head_file": trace}}
                with pytest.raises(LogRolledBack, match=why):
                    await started(backup, left)
            # without any trace nothing can be noticed: what was shown above is the traces' doing
            await started(backup, {"audit": {"signed_head_file": tmp_path / "none"}})


async def held(database: Any) -> int:
    owner = await database.owner()
    try:
        return int(await owner.fetchval("SELECT max(size) FROM audit.head"))
    finally:
        await owner.close()


def cosigned(memory: Memory, origin: str) -> int:
    latest = memory.latest(origin)
    return latest.size if latest else 0
