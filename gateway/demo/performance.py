"""The whole demonstration, from the first process to the last: what ``./gw demo`` runs."""

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

import click

from gateway.deadlines import SHANGHAI, Line, WorkingDays, due, load_calendar
from gateway.demo import applying, calling, cataloguing, evidence, proving, setting_up
from gateway.demo.departments.market import FIRM
from gateway.demo.ending import heard
from gateway.demo.invitation import invitation, lines_to_try
from gateway.demo.processes import PartNotStarted
from gateway.demo.resources import FIRMS
from gateway.demo.scene import Scene
from gateway.demo.step import Happened, Step
from gateway.demo.telling import Teller
from gateway.demo.world import World, running_world
from gateway.errors import GatewayError
from gateway.settings import config_dir

CHAPTERS: Final = (
    setting_up.CHAPTER, cataloguing.CHAPTER, applying.CHAPTER, calling.CHAPTER, proving.CHAPTER,
    evidence.CHAPTER,
)  # fmt: skip
_CASE_DAYS: Final = WorkingDays(5)
_LOOK_SECONDS: Final = 0.5


def perform(*, once: bool, as_json: bool) -> bool:
    """Tell the story, and unless ``once`` leave the gateway running until Ctrl-C or SIGTERM.

    Returns:
        Whether every step had its expected outcome.

    Raises:
        KeyboardInterrupt: told to end before the story was over.
    """
    teller, lived = Teller(to_stderr=as_json), True
    _forget_settings()
    with heard() as ending:
        _prologue(teller)
        try:
            with running_world(ending) as world:
                scene = _story(teller, world)
                if once:
                    _finish(teller, as_json, {})
                else:
                    lived = _stay(teller, scene, as_json)
        except PartNotStarted as failed:
            said = [Line(failed.detail, failed.detail), Line(*failed.remedy)]
            teller.told(_START, Happened(failed.slug(), lines=said, details={"detail": failed.detail}))
            _finish(teller, as_json, {})
    return teller.ok and lived


def _story(teller: Teller, world: World) -> Scene:
    scene = Scene(world)
    teller.take(_START, scene)
    for chapter in CHAPTERS:
        teller.tell(chapter, scene)
    return scene


def _started(scene: Scene) -> Happened:
    """What runs, and where."""
    parts = {part.name: (part.pid, _address(scene.world, part.name)) for part in scene.world.parts}
    alive = sum(part.is_alive for part in scene.world.parts)
    lines = [
        Line(f"{name}: process {pid} at {at}", f"{name}  进程 {pid}  {at}")
        for name, (pid, at) in parts.items()
    ]
    facts = {name: {"pid": pid, "address": at} for name, (pid, at) in parts.items()}
    return Happened(f"{alive} processes", lines=lines, details=facts)


def _stay(teller: Teller, scene: Scene, as_json: bool) -> bool:
    """Leave everything running until told to end; whether the gateway lived that long."""
    teller.take(_RESTART, scene)
    tries = [asdict(one) for one in lines_to_try(scene)]
    _finish(teller, as_json, {"gateway": scene.world.addresses, "try": tries})
    teller.text(invitation(scene))
    try:
        while scene.world.gateway.is_alive:
            scene.world.ending.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        teller.text("\n结束，清除全部数据 · ending and removing everything")
        return True
    teller.text(scene.world.gateway.last_words())
    return False


def _restart(scene: Scene) -> Happened:
    """The story needed tokens that expire in seconds; what was granted is still there with longer ones."""
    scene.world.restart_gateway()
    answer = scene.call(FIRMS, scene.token_for(FIRMS), uscc=FIRM)
    line = Line("tokens of systems live five minutes from now on", "此后应用系统令牌有效期为五分钟")
    return Happened(f"{answer.told} under the grant of before", lines=[line])


def _finish(teller: Teller, as_json: bool, more: dict[str, Any]) -> None:
    teller.ending()
    if as_json:
        click.echo(json.dumps(teller.report() | more, ensure_ascii=False))


def _prologue(teller: Teller) -> None:
    title = Line("Real-estate registration in five working days", "不动产登记，五个工作日内办结")
    teller.heading(title)
    with suppress(GatewayError):
        teller.line(_case_due(datetime.now(SHANGHAI).date()))
    teller.line(
        Line(
            "Departments, people and firms are invented; processes, databases, keys and time limits are real.",
            "部门、人员、企业均为虚构；进程、数据库、密钥和时限都是真的。",
        )
    )
    teller.line(Line("starting …", "启动中……"))


def _case_due(today: date) -> Line:
    last = due(today, _CASE_DAYS, load_calendar(config_dir() / "calendars")).due_date
    return Line(f"taken in on {today}, done by {last}", f"{today} 受理，{last} 前办结")


def _address(world: World, name: str) -> str:
    if name == "gateway":
        return str(world.addresses["control"])
    return world.sources[name].rpartition("@")[2]


def _forget_settings() -> None:
    """The demonstration is the same everywhere: no setting of a gateway in the environment changes it."""
    for name in [*os.environ]:
        if name.startswith("GATEWAY__") or name in ("GATEWAY_CONFIG", "GATEWAY_DATA_DIR"):
            del os.environ[name]


_START: Final = Step(
    "start", Line("Start the gateway and three departments' services", "启动网关和三个部门的服务"), "4 processes", _started
)  # fmt: skip
_RESTART: Final = Step(
    "restart", Line("Restart the gateway: what it knew is still there", "重启网关：数据仍在"),
    "200 under the grant of before", _restart, Line("restarting the gateway …", "重启网关中……"),
)  # fmt: skip
