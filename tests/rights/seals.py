"""Right requests of registered seals, and of documents and the stamps on them."""

from functools import cache
from typing import Any, Final

from applying import REFUSAL
from mint import Seal, mint
from world import CONSUMER, PROVIDER, File, in_days, sign_off

from rights import BOUND, Right, Stage, at

KIND: Final = "application/octet-stream"
_FILED, _ACCEPTED = "/v1/applications/{filed}", "/v1/applications/{accepted}"


@cache
def seal_of(org: str) -> Seal:
    """The seal a department has in every stage of this process."""
    return mint().seal({CONSUMER: "自然资源局", PROVIDER: "市场监管局"}[org])


def _new_seal(_: Stage) -> File:
    return File(mint().seal("自然资源局").raw, KIND)


def _lost(_: Stage) -> Any:
    return {"status": "lost", "reason": "印章密钥介质遗失", "since": f"{in_days(-1)}T08:00:00+08:00"}


def _stamp(org: str, document: str) -> Any:
    return lambda stage: File(seal_of(org).stamp(bytes.fromhex(stage.ids[document])), KIND)


def _approval(_: Stage) -> Any:
    narrowed: dict[str, Any] = {
        "fields": ["uscc"], "parameters": {"uscc": BOUND}, "daily_quota": 5, "valid_until": in_days(300),
    }  # fmt: skip
    narrowed["rules"] = {
        "hours": {"start": "08:00", "end": "18:00"}, "case_required": True, "operator_required": True, "per_minute": 60,
        "records_max": 10, "masked": ["uscc"], "provider_errors": True,
    }  # fmt: skip
    return {"form_version": 1, "narrowed": narrowed, "opinion": "同意", "sign_off": sign_off()}


def _values(_: Stage) -> Any:
    return {"narrowed": {"parameters": {"uscc": {"values": [PROVIDER]}}}, "sign_off": sign_off()}


def _refusal(_: Stage) -> Any:
    return {"form_version": 1, **REFUSAL}


def _condition(_: Stage) -> Any:
    told = {"explanation": "不符", "sign_off": sign_off()}
    return {"reason": "conditions_not_met", "condition": "限不动产登记使用", **told}


async def prepare(stage: Stage) -> None:
    """Both departments have a seal; the filed application is stamped; of the accepted one a decision is drafted."""
    world = stage.world
    for org, name in ((CONSUMER, "seal"), (PROVIDER, "provider_seal")):
        raw = File(seal_of(org).raw, KIND)
        stage.ids[name] = (await world.as_("platform-admin", "POST", f"/v1/seals?org={org}", raw)).ok()["id"]
    filed, accepted = _FILED.format(**stage.ids), _ACCEPTED.format(**stage.ids)
    document = (await world.as_("requester", "GET", f"{filed}/document")).ok()
    stage.ids["application_bytes"] = document.hex()
    stamp = _stamp(CONSUMER, "application_bytes")(stage)
    made = (await world.as_("requester", "POST", f"{filed}/stamps", stamp)).ok()
    stage.ids["stamp"], stage.ids["evidence"] = made["id"], made["evidence"][0]
    (await world.as_("provider", "POST", f"{accepted}/approve/draft", _approval(stage))).ok()
    drafted = (await world.as_("provider", "GET", f"{accepted}/decision-document")).ok()
    stage.ids["decision_bytes"] = drafted.hex()


CASES: Final = {
    "register_seal": Right("platform-admin", at(f"/v1/seals?org={CONSUMER}"), (_new_seal,)),
    "list_seals": Right("requester", at("/v1/seals")),
    "show_seal": Right("requester", at("/v1/seals/{seal}")),
    "change_seal_status": Right("platform-admin", at("/v1/seals/{seal}/status"), (_lost,)),
    "fetch_application_document": Right("requester", at(f"{_FILED}/document")),
    "stamp_application": Right("requester", at(f"{_FILED}/stamps"), (_stamp(CONSUMER, "application_bytes"),)),
    "list_stamps": Right("requester", at(f"{_FILED}/stamps")),
    "fetch_stamp": Right("requester", at(f"{_FILED}/stamps/{{stamp}}/file")),
    "fetch_stamp_evidence": Right("requester", at(f"{_FILED}/stamps/{{stamp}}/evidence/{{evidence}}")),
    "examine_stamp": Right("requester", at(f"{_FILED}/stamps/{{stamp}}/examine")),
    "draft_approval": Right("provider", at(f"{_ACCEPTED}/approve/draft"), (_approval, _values)),
    "draft_refusal": Right("provider", at(f"{_ACCEPTED}/refuse/draft"), (_refusal, _condition)),
    "fetch_decision_document": Right("provider", at(f"{_ACCEPTED}/decision-document")),
    "stamp_decision": Right(
        "provider", at(f"{_ACCEPTED}/decision-stamps"), (_stamp(PROVIDER, "decision_bytes"),)
    ),
}
