"""Attestation: an accepted application, and one answered call of the first department's system."""

from world import PROVIDER, another, http_mount, provider_service

from rights import Right, Stage, at

CASES = {
    "seal_decision": Right("requester", at("/v1/applications/{accepted}/decision-seal")),
    "show_receipt": Right("requester", at("/v1/receipts/{receipt}")),
    "show_seal_keys": Right("", at("/.well-known/seal-keys.json")),
    "rotate_seal_key": Right("security-admin", at("/v1/seal-keys/rotate")),
}


async def prepare(stage: Stage) -> None:
    """One call is answered, and everything before it stands in the ledger."""
    world, described = stage.world, another()
    async with provider_service() as (base, _):
        await world.granted(await world.publish(described, http_mount(base)))
        token = await world.access_token("registration", described["service"])
        asked = {"parameters": {"uscc": PROVIDER}, "operator": "李某"}
        answer = await world.call(token, described["service"], asked)
    answer.ok()
    stage.ids["receipt"] = answer.headers["Receipt-Id"]
    stage.ids["call"] = answer.headers["Request-Id"]
    await world.integrated()
