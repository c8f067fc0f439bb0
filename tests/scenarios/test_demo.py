"""``./gw demo`` as a user runs it: the whole story, the gateway that stays up, and nothing left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.test import processes_in
from gateway.deadlines import WorkingDays, due, load_calendar
from gateway.settings import config_dir

DEMO = [sys.executable, "-P", "-m", "gateway", "demo"]
ONE_CHAPTER = """
from gateway.cli import main
from gateway.demo import performance

performance.CHAPTERS = performance.CHAPTERS[:1]
main(["demo", "--once"])
"""
SECONDS = 240
CURL = shutil.which("curl") is not None
STEPS = [
    "start", "sign-in", "register-departments", "register-people", "keep-powers-apart", "register-seals",
    "register-system",
    "draft-entries", "mount-entries", "clear-entries", "publish-entries", "search-two-characters",
    "direct-filed", "direct-accepted", "direct-provided", "first-token",
    "controlled-filed", "controlled-accepted", "controlled-approved",
    "conditional-filed", "conditional-unsealed", "conditional-sealed", "conditional-accepted", "conditional-waiting",
    "decision-sealed", "conditional-approved",
    "not-shared", "unfit-filed", "unfit-not-accepted", "file-granted",
    "call-file", "call-interface", "call-table", "call-whole-file", "call-batch", "call-other-parameter", "call-outside-field", "call-over-quota",
    "call-revoked", "call-expired", "audit-listed", "audit-verified", "audit-change-found",
    "evidence-exported", "evidence-checked", "evidence-seals-examined", "evidence-bit-found",
]  # fmt: skip
REFUSED = ("call-other-parameter", "call-outside-field", "call-over-quota", "call-revoked", "call-expired")
LIMITS = {
    "qy132.review": 3, "qy132.provide": 3, "qy132.approve": 10,
    "tl809.reply_uncond": 1, "tl809.reply_cond": 10, "tl809.share": 20,
}  # fmt: skip


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the demonstration may put its files; root's servers run as another account and must get there."""
    folder = Path(tempfile.mkdtemp(prefix="gwd"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def environment(place: Path, **more: str) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(place)} | more


def run(place: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*DEMO, *arguments],
        env=environment(place, **more), cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def assert_nothing_left(place: Path) -> None:
    assert list(place.iterdir()) == []
    give_up = time.monotonic() + SECONDS
    while left := processes_in(place):  # a server that was still starting ends a moment after its gateway
        assert time.monotonic() < give_up, left
        time.sleep(0.05)


def test_the_story_has_every_expected_outcome_its_lines_to_try_work_and_ctrl_c_leaves_nothing(
    place: Path, tmp_path: Path
) -> None:
    # A setting of the caller's must not reach the demonstration.
    surroundings = environment(place, GATEWAY__STORAGE__DSN="postgresql://nobody@127.0.0.1:1/none")
    with (
        (tmp_path / "report").open("wb") as report,
        subprocess.Popen(
            [*DEMO, "--json"], env=surroundings, cwd="/", stdout=report, stderr=subprocess.PIPE, text=True
        ) as demo,
    ):
        try:
            told, lines = told_and_lines_to_try(demo)
            if CURL:
                try_lines(lines)
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=SECONDS)
            assert demo.returncode == 0
        finally:
            demo.kill()
    assert_nothing_left(place)
    assert "企业登记信息" in told
    out = (tmp_path / "report").read_text("utf-8")
    assert out.count("\n") == 1
    check_report(json.loads(out), told)
    if not CURL:
        # the lines are for a person's shell and name curl; a machine without it cannot try them
        pytest.skip("curl is not installed; all but the lines to try was checked")


def try_lines(lines: list[str]) -> None:
    searched, permitted, refused = (json.loads(shell(line)) for line in lines)
    assert [one["description"]["name"] for one in searched["items"]] == ["婚姻登记核验"]
    assert [set(record) for record in permitted["records"]] == [{"uscc", "name", "status"}]
    assert refused["status"] == 403


def check_report(report: dict[str, Any], told: str) -> None:
    outcomes = {step["name"]: (step["outcome"], step["expected"]) for step in report["steps"]}
    assert {name: pair for name, pair in outcomes.items() if pair[0] != pair[1]} == {}, told
    assert [step["name"] for step in report["steps"]] == [*STEPS, "restart"]
    assert report["ok"] is True
    details = {step["name"]: step["details"] for step in report["steps"]}
    check_due_dates(details)
    check_refusals(details)
    check_projection(details)
    check_chain(details["evidence-checked"])
    evidence = details["evidence-bit-found"]
    assert evidence["finding"]["place"] == {"file": "records.ndjson", **evidence["changed"]}
    assert details["audit-change-found"]["finding"]["idx"] == details["audit-change-found"]["changed"]["idx"]


def check_due_dates(details: dict[str, Any]) -> None:
    """Clocks that ran from filing are due when the calendar says; everything was decided on the day of filing."""
    calendar = load_calendar(config_dir() / "calendars")
    seen = set()
    for name in ("direct-provided", "controlled-approved", "conditional-approved"):
        filed = datetime.fromisoformat(details[name]["filed_at"])
        for clock in details[name]["clocks"]:
            wanted = due(filed, WorkingDays(LIMITS[clock["rule"]]), calendar).due_date
            assert clock["due_date"] >= wanted.isoformat(), clock
            assert clock["state"] == "met"
            seen.add(clock["rule"])
    assert seen == set(LIMITS)
    waiting = details["conditional-waiting"]["clocks"]
    bound = [clock for clock in waiting if clock["binding"]]
    assert len(bound) == 1
    assert len([line for line in bound[0]["explanation"] if ": day " in line["en"]]) == 11  # day 0 to day 10


def check_chain(said: dict[str, Any]) -> None:
    """This response, under this grant, approved by this person on this sealed application."""
    links = said["response"]["links"]
    by = {one["as"]: one["by"] for one in links}
    assert (by["decision"], by["application"]) == ("mzj-shenpi", "zrzy-jingban")
    assert [(one["on"], one["by"]) for one in links if one["as"] == "stamp"] == [
        ("application", "zrzy-jingban"), ("decision", "mzj-shenpi"),
    ]  # fmt: skip
    assert len({one["application_id"] for one in links}) == 1


def check_refusals(details: dict[str, Any]) -> None:
    for name in (*REFUSED, "not-shared"):
        problem = details[name]["problem"]
        assert all(problem[member] for member in ("title", "detail", "detail_zh", "remedy", "remedy_zh")), (
            name
        )


def check_projection(details: dict[str, Any]) -> None:
    call = details["call-interface"]
    assert {"legalPerson", "contactPhone"} <= set(call["sent"])
    assert [set(record) for record in call["records"]] == [{"uscc", "name", "status"}]
    assert details["call-table"]["records"] == [{"married": True}]


def test_a_story_told_once_ends_by_itself_and_leaves_nothing(place: Path) -> None:
    """Its first chapter is enough to see it."""
    told = subprocess.run(
        [sys.executable, "-P", "-c", ONE_CHAPTER],
        env=environment(place), cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"(\d+)/\1 步符合预期", told.stdout)
    assert "curl" not in told.stdout
    assert_nothing_left(place)


def told_and_lines_to_try(demo: subprocess.Popen[str]) -> tuple[str, list[str]]:
    """What was said up to the third line to try, and those three."""
    assert demo.stderr is not None
    found, said = list[str](), list[str]()
    for text in demo.stderr:
        said.append(text)
        if re.match(r" *curl ", text):
            found.append(text.strip())
        if len(found) == 3:
            return "".join(said), found
    raise AssertionError("".join(said))


def shell(line: str) -> str:
    done = subprocess.run(
        ["sh", "-c", line], cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_a_demonstration_told_to_end_while_it_starts_leaves_nothing(place: Path, seconds: float) -> None:
    with subprocess.Popen(
        [*DEMO, "--once", "--json"], env=environment(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as demo:
        began = time.monotonic()
        while not list(place.iterdir()):
            assert time.monotonic() - began < SECONDS
            time.sleep(0.01)
        time.sleep(seconds)
        demo.terminate()
        out, _ = demo.communicate(timeout=SECONDS)
    assert (demo.returncode, out) == (1, b"")
    assert_nothing_left(place)


def test_a_part_that_does_not_start_is_told_with_its_last_words(place: Path, tmp_path: Path) -> None:
    code, out, _ = run(place, "--once", "--json", GATEWAY_CONFIG_DIR=str(tmp_path))
    report = json.loads(out)
    assert (code, report["ok"]) == (1, False)
    assert [step["outcome"] for step in report["steps"]] == ["part-not-started"]
    assert str(tmp_path) in report["steps"][0]["details"]["detail"]
    assert_nothing_left(place)
