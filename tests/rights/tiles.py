"""Right requests of the log's hashes, open to everybody once the log was signed at some size."""

import asyncio
from http import HTTPStatus

from gateway.proof.checkpoint import read_checkpoint
from gateway.proof.notes import read_note
from rights import Right, Stage, at

CASES = {
    "show_log_checkpoint": Right("", at("/v1/audit/log/checkpoint")),
    "show_log_tile": Right("", at("/v1/audit/log/tile/0/000.p/1")),
    "show_log_consistency": Right("", at("/v1/audit/consistency?from=1&to=2")),
}


async def prepare(stage: Stage) -> None:
    """Two records at least are signed."""
    async with asyncio.timeout(30):
        while True:
            answer = await stage.world.as_("", "GET", "/v1/audit/log/checkpoint")
            if answer.status == HTTPStatus.OK and read_checkpoint(read_note(answer.body).text).size > 1:
                return
            await asyncio.sleep(0.05)
