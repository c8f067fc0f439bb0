"""Steps of applications over the API, by whoever takes them."""

from typing import Any

from world import World, another, http_mount, sign_off

MOUNT = http_mount("http://127.0.0.1:9")
WHY = {"reason": "业务调整"}
REFUSAL = {
    "reason": "not_necessary_for_duty", "basis": "《政务数据共享条例》第二十条", "explanation": "非履行职责所必需",
    "sign_off": sign_off(),
}  # fmt: skip
REASONS = [{"code": "scope_excessive", "text": "申请范围超出履职需要"}]


async def published(world: World, *parameters: dict[str, Any], **changes: Any) -> str:
    """A resource with these parameters; nobody listens where it is mounted."""
    return await world.publish(
        another(parameters=[*parameters], **changes),
        MOUNT if parameters else {**MOUNT, "url": "http://127.0.0.1:9/all"},
    )


async def act(world: World, application: str, act: str, body: Any = None, login: str | None = None) -> Any:
    """One act, by who usually takes it unless ``login`` says otherwise."""
    by = login or {"review": "platform-admin", "provide": "platform-admin", "withdraw": "requester"}.get(
        act, "provider"
    )
    return await world.as_(by, "POST", f"/v1/applications/{application}/{act}", body)


async def accepted(world: World, resource: str) -> str:
    """An application that passed the review."""
    filed = (await world.file(resource)).ok()
    await world.accept(filed["id"])
    return str(filed["id"])
