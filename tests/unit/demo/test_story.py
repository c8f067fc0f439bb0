"""The story's data fits the gateway's own rules, and a step that fails does not end the story."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from handclock import at

from gateway.authz.applications.form import Form
from gateway.catalog.description import Description
from gateway.deadlines import Line
from gateway.demo.api import Answer, NotAsExpected
from gateway.demo.calling import rest_of_a_day_that_ends
from gateway.demo.cast import DEPARTMENTS
from gateway.demo.departments.civil_affairs import DIVORCED, MARRIED
from gateway.demo.departments.market import FIRM, FIRM_ELSEWHERE
from gateway.demo.ending import Ending
from gateway.demo.forms import GRANTED_FIRMS, form
from gateway.demo.performance import CHAPTERS
from gateway.demo.resources import ENTRIES, FIRMS, MARRIAGES
from gateway.demo.scene import Scene
from gateway.demo.seals import SEALED, made_in
from gateway.demo.step import Chapter, Happened, Step
from gateway.demo.telling import Teller
from gateway.demo.world import World
from gateway.names import is_id_number, is_org_code, is_slug
from gateway.sealing.rules import Kind, load_rules
from gateway.sealing.trust import TrustFolder
from gateway.seals.verification import Outside, verify

RESOURCE = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def scene() -> Scene:
    return Scene(World(Path(), Ending(), None, {}, {}, {}, None))  # type: ignore[arg-type]  # no process runs here


def step(name: str, act: Any) -> Step:
    return Step(name, Line("a step", "一步"), "done", act)


def test_every_code_has_its_check_digit() -> None:
    assert all(is_org_code(code) for code in (*(one.code for one in DEPARTMENTS), FIRM, FIRM_ELSEWHERE))
    assert is_id_number(MARRIED)
    assert is_id_number(DIVORCED)


def test_the_firm_elsewhere_was_asked_for_and_not_granted() -> None:
    asked = form(FIRMS.key, RESOURCE, date(2026, 11, 20))["parameters"]["uscc"]["prefix"]
    assert FIRM.startswith(GRANTED_FIRMS)
    assert FIRM_ELSEWHERE.startswith(asked)
    assert not FIRM_ELSEWHERE.startswith(GRANTED_FIRMS)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_descriptions_and_forms_are_what_the_gateway_reads(entry: Any) -> None:
    description = Description.model_validate(entry.description)
    filled = Form.model_validate(form(entry.key, RESOURCE, date(2026, 11, 20)))
    assert all(description.item(name) for name in filled.fields)


def test_the_seals_are_good_by_themselves_and_the_rule_that_asks_for_them_is_read(tmp_path: Path) -> None:
    seals = made_in(tmp_path / "seals")
    rules, code = load_rules(seals.rules), str(MARRIAGES.description["code"])
    assert all(rules.asking(kind, code, "general", date(2026, 11, 20)) for kind in Kind)
    trust = TrustFolder(seals.trust)
    trust.check()
    for one in SEALED:
        held = seals.of[one.code]
        report = verify(held.stamp(b"paper"), trust.current(), datetime.now(UTC), Outside(document=b"paper"))
        failed = [step for step in report.steps if step.result == "fail"]
        assert (failed, report.holder and report.holder.name) == ([], one.name.zh)


def test_steps_have_one_name_each_that_programs_can_use() -> None:
    names = Counter(step.name for chapter in CHAPTERS for step in chapter.steps)
    assert max(names.values()) == 1
    assert all(is_slug(name) for name in names)


def test_a_step_that_fails_is_told_and_the_story_goes_on(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    def surprised(_: Scene) -> Happened:
        body = {"type": "/problems/role-missing", "detail": "needs a role", "detail_zh": "缺少角色"}
        raise NotAsExpected(Answer(403, {}, body))

    def unreachable(_: Scene) -> Happened:
        raise ConnectionRefusedError("nobody there")

    steps = (
        step("surprise", surprised),
        step("needs-it", lambda scene: Happened(scene.grants["the grant"])),
        step("no-answer", unreachable),
        step("still-told", lambda _: Happened("done")),
    )
    teller = Teller(to_stderr=True)
    teller.tell(Chapter(Line("a chapter", "一章"), steps), scene)
    outcomes = [told["outcome"] for told in teller.steps]
    assert outcomes == ["403 role-missing", "skipped: the grant", "broken", "done"]
    assert (teller.ok, teller.report()["ok"]) == (False, False)
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search("缺少角色.*needs a role.*expected 应为: done", err, re.S)


@pytest.mark.parametrize("now", ["2026-11-22T00:00", "2026-11-22T08:00", "2026-12-31T23:59"])
def test_a_quota_is_not_used_up_over_midnight(now: str) -> None:
    moment = at(now)
    assert rest_of_a_day_that_ends(moment) == 0
    last = moment.replace(hour=23, minute=59, second=45)
    assert (last + timedelta(seconds=rest_of_a_day_that_ends(last))).date() == moment.date() + timedelta(1)


def test_a_story_told_to_end_stops_before_the_next_step(scene: Scene) -> None:
    def told(scene: Scene) -> Happened:
        scene.world.ending.tell(15, None)
        return Happened("done")

    teller = Teller(to_stderr=True)
    with pytest.raises(KeyboardInterrupt):
        teller.tell(Chapter(Line("", ""), (step("one", told), step("two", told))), scene)
    assert [told["name"] for told in teller.steps] == ["one"]
