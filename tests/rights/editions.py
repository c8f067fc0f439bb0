"""Right requests of revisions, editions and ends."""

from typing import Any, Final

from world import another, clearance, http_mount, in_days

from rights import Right, Stage, at

_ONE, _REVISED = "/v1/resources/{%s}", "/v1/resources/{revised}/revision"
_MOUNT: Final = http_mount("http://127.0.0.1:9")


async def prepare(stage: Stage) -> None:
    """Published entries: one with a revision in draft, one with it under review, one whose end is announced."""
    world = stage.world
    for name in ("revised", "reviewed", "ending"):
        what = another()
        stage.ids[name] = await world.publish(what, _MOUNT)
        one = _ONE.replace("{%s}", stage.ids[name])
        if name == "ending":
            body = {"reason": "职能划转", "ends_on": in_days(90)}
            (await world.as_("provider", "POST", f"{one}/withdraw", body)).ok()
            continue
        later = {**what, "summary": "企业登记的基本信息及变更"}
        revision = {"description": later, "reason": "登记事项调整"}
        (await world.as_("provider", "PUT", f"{one}/revision", revision)).ok()
        (await world.as_("provider", "PUT", f"{one}/revision/clearance", clearance(later))).ok()
        stage.ids[f"{name}_code"], stage.ids[f"{name}_service"] = what["code"], what["service"]
        if name == "reviewed":
            (await world.as_("provider", "POST", f"{one}/revision/submit", {})).ok()


def _revision(stage: Stage, **changes: Any) -> Any:
    from stage import full_description

    names = {"code": stage.ids.get("revised_code", ""), "service": stage.ids.get("revised_service", "")}
    return {"description": {**full_description(), **names, **changes}, "reason": "登记事项调整"}


def _withheld(stage: Stage) -> Any:
    from stage import not_shared

    names = {"code": stage.ids.get("revised_code", ""), "service": stage.ids.get("revised_service", "")}
    return {"description": {**not_shared(), **names}, "reason": "登记事项调整"}


def _licence(stage: Stage) -> Any:
    from stage import full_licence

    names = {"code": stage.ids.get("revised_code", ""), "service": stage.ids.get("revised_service", "")}
    return {"description": {**full_licence(), **names}, "reason": "登记事项调整"}


def _cleared(_: Stage) -> Any:
    given = clearance(another(grade="important"))
    measured = {"result": "acceptable_with_measures", "measures": "去标识化"}
    return {**given, "confidentiality": {**given["confidentiality"], **measured}}


def _notice(_: Stage) -> Any:
    filed = {"negotiation": "协〔2026〕2号", "filing": "备〔2026〕2号"}
    return {"notice": {"takes_effect_on": in_days(60), "reason": "登记事项调整", **filed}}


def _because(_: Stage) -> Any:
    return {"reason": "请核实"}


def _mount(at: int) -> Any:
    from stage import MOUNTS

    return {"mount": MOUNTS[at]}


CASES: Final = {
    "change_revision": Right("provider", at(_REVISED), (_revision, _withheld, _licence)),
    "show_revision": Right("provider", at(_REVISED)),
    "mount_revision": Right(
        "provider", at(f"{_REVISED}/mount"), tuple(lambda _, at=at: _mount(at) for at in range(5))
    ),
    "clear_revision": Right("provider", at(f"{_REVISED}/clearance"), (_cleared,)),
    "submit_revision": Right("provider", at(f"{_REVISED}/submit"), (_notice,)),
    "publish_revision": Right("platform-admin", at("/v1/resources/{reviewed}/revision/publish")),
    "return_revision": Right("platform-admin", at("/v1/resources/{reviewed}/revision/return"), (_because,)),
    "discard_revision": Right("provider", at(f"{_REVISED}/discard")),
    "list_editions": Right("provider", at("/v1/resources/{draft}/editions")),
    "list_consumers": Right("provider", at("/v1/resources/{revised}/consumers")),
    "keep_resource": Right("provider", at("/v1/resources/{ending}/keep"), (_because,)),
}
