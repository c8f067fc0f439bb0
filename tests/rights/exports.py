"""Exports: the auditor's of the first department's records, on record and covered by a checkpoint."""

import asyncio
from typing import Any, Final

from world import CONSUMER, PROVIDER

from rights import Right, Stage, at

_MANY: Final = {
    "type": "call.released", "outcome": "allow", "reason": "granted", "actor": "registration", "consumer_org": CONSUMER,
    "provider_org": PROVIDER, "resource": "307011024701/000100", "purpose": "real-estate-registration", "matter": "11",
    "case": "2026-1", "subject": "0" * 32, "grade": "general",
    **dict.fromkeys(("application_id", "grant_id", "request_id"), "01a1ffbc-413d-7df8-98da-f554fea4dffb"),
}  # fmt: skip


def _records(_: Stage) -> Any:
    return {"org": CONSUMER}


def _filtered(_: Stage) -> Any:
    times = {"since": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}
    return {
        "kind": "records",
        "org": CONSUMER,
        "sides": ["consumer"],
        **times,
        "filter": _MANY,
        "tables": ["csv", "xlsx"],
    }


def _numbered(_: Stage) -> Any:
    return {"org": CONSUMER, "sides": ["provider"], "first": 1, "last": 2}


CASES: Final = {
    "ask_for_export": Right("auditor", at("/v1/audit/exports"), (_records, _filtered, _numbered)),
    "list_exports": Right("auditor", at("/v1/audit/exports")),
    "end_export": Right("auditor", at("/v1/audit/exports/{export_to_end}")),
    "show_export": Right("auditor", at("/v1/audit/exports/{export}")),
    "take_export": Right("auditor", at("/v1/audit/exports/{export}/pack")),
}


async def prepare(stage: Stage) -> None:
    """One export that is ready, and one to be deleted."""
    world = stage.world
    made = (await world.as_("auditor", "POST", "/v1/audit/exports", _records(stage))).ok()
    stage.ids["export"] = made["id"]
    stage.ids["export_to_end"] = (
        await world.as_("auditor", "POST", "/v1/audit/exports", _records(stage))
    ).ok()["id"]
    async with asyncio.timeout(20):
        while not (await world.as_("auditor", "GET", f"/v1/audit/exports/{made['id']}")).body.get("ready"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
