import json
import os
import socket
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import doctoring, main
from gateway.cli.context import Installation
from gateway.cli.doctor import Report, masked_dsn
from gateway.cli.doctoring import State, fault, ok, warning
from gateway.cli.doctoring_database import clock, server
from gateway.cli.doctoring_software import RangesUnknown, es256, http_parser, in_range, packages, python, sm2
from gateway.settings import config_dir
from gateway.storage.inspection import ServerFacts

WORDS = ("said", "说明")


def doctor(*arguments: str, **env: str) -> tuple[int, str]:
    told = CliRunner().invoke(main, ["doctor", *arguments], env={"GATEWAY_CONFIG": None, **env})
    return told.exit_code, told.stdout


def settled(tmp_path: Path, **env: str) -> tuple[int, dict[str, Any]]:
    """The report of a machine on which nothing was set up; ports are free ones."""
    free = {f"GATEWAY__LISTEN__{name}_PORT": "0" for name in ("EXCHANGE", "CONTROL", "METRICS")}
    code, out = doctor("--json", "--data-dir", str(tmp_path / "not yet"), **free, **env)
    return code, json.loads(out)


def test_where_nothing_is_set_up_it_finds_no_fault_names_the_next_step_and_makes_nothing(
    tmp_path: Path,
) -> None:
    code, report = settled(tmp_path)
    assert (code, report["ok"]) == (0, True)
    assert "./gw up" in report["next_step"]
    assert "./gw up" in report["next_step_zh"]
    assert list(tmp_path.iterdir()) == []


def test_every_check_that_is_not_ok_says_what_to_do_in_both_languages(tmp_path: Path) -> None:
    _, report = settled(tmp_path, GATEWAY__PLATFORM__REGION="110000", GATEWAY__STORAGE__DSN="nonsense")
    unwell = [check for check in report["checks"] if check["state"] != "ok"]
    assert {"calendars", "database", "master key"} >= {check["name"] for check in unwell} >= {"database"}
    assert all(check["remedy"] and check["remedy_zh"] for check in unwell)
    assert all(check["detail"] and check["detail_zh"] for check in report["checks"])


def test_a_database_that_cannot_be_reached_gives_4(tmp_path: Path) -> None:
    code, out = doctor(
        "--data-dir", str(tmp_path), GATEWAY__STORAGE__DSN="postgresql://a:s3cr3t@127.0.0.1:1/b"
    )
    assert code == 4
    assert "s3cr3t" not in out
    assert 'dsn = "postgresql://a:***@127.0.0.1:1/b"' in out


def test_a_wrong_setting_is_a_fault_that_names_it(tmp_path: Path) -> None:
    code, report = settled(tmp_path, GATEWAY__WEB__HEAD_BYTES="3")
    assert code == 1
    assert [(check["name"], check["state"]) for check in report["checks"]] == [("settings", "fault")]
    assert "web.head_bytes" in report["checks"][0]["detail"]


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://gateway:p%40ss@10.0.0.7:5432/data", "postgresql://gateway:***@10.0.0.7:5432/data"),
        ("postgresql://gateway@10.0.0.7/data", "postgresql://gateway@10.0.0.7/data"),
        ("postgresql://a:b@c:d@host/data", "postgresql://a:***@host/data"),
        ("postgresql:///data?host=/run&password=x", "postgresql:///data?host=/run&password=***"),
        ("postgresql://h/data?sslpassword=x", "postgresql://h/data?sslpassword=***"),
        ("host=a password=b", "***"),
        ("postgresql://[::1/data", "***"),
    ],
)
def test_no_password_of_the_database_is_shown(dsn: str, shown: str) -> None:
    assert masked_dsn(dsn) == shown


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("3.14.5", ">=3.14.5,<4", True),
        ("3.14.4", ">=3.14.5,<4", False),
        ("4.0", ">=3.14.5,<4", False),
        ("8.10", ">=8.9", True),
        ("2026.6", "", True),
        ("18.6.3", "==18.6.*", True),
        ("18.60.1", "==18.6.*", False),
        ("1.0.0", "==1", True),
        ("3.11.0rc1", ">=3.11", True),
    ],
)
def test_a_version_is_compared_by_its_numbers(version: str, wanted: str, fits: bool) -> None:
    assert in_range(version, wanted) is fits


def test_a_range_that_is_not_understood_is_not_taken_as_met() -> None:
    with pytest.raises(RangesUnknown):
        in_range("1.0", "~=1.0")


def test_the_software_of_this_checkout_passes() -> None:
    assert [check().state for check in (python, packages, http_parser, es256, sm2)] == [State.OK] * 5


def test_the_end_of_the_calendars_warns_45_days_ahead_and_never_faults() -> None:
    folder = config_dir() / "calendars"
    assert doctoring.calendars(folder, date(2026, 11, 16)).state is State.OK
    assert doctoring.calendars(folder, date(2026, 11, 17)).state is State.WARNING
    late = doctoring.calendars(folder, date(2027, 3, 1))
    assert late.state is State.WARNING
    assert late.remedy is not None
    assert "2027.json" in late.remedy[0]


def test_a_region_without_a_rule_set_is_a_fault() -> None:
    folder = config_dir() / "rules"
    assert doctoring.rule_sets(folder, date(2026, 11, 20), "621000").said[0].endswith("qy132, tl809")
    assert doctoring.rule_sets(folder, date(2017, 1, 1), "621000").state is State.FAULT


def test_a_data_directory_others_may_write_in_is_a_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert doctoring.data_directory(tmp_path).state is State.OK
    tmp_path.chmod(0o775)
    assert doctoring.data_directory(tmp_path).state is State.FAULT


def test_a_data_directory_of_another_account_is_a_fault_and_for_root_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert doctoring.data_directory(tmp_path).state is State.FAULT
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert doctoring.data_directory(tmp_path).state is (State.OK if mine == 0 else State.WARNING)


def test_a_port_of_another_program_is_a_fault_that_names_the_listener(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for name, value in {"EXCHANGE": 0, "CONTROL": port, "METRICS": 0}.items():
            monkeypatch.setenv(f"GATEWAY__LISTEN__{name}_PORT", str(value))
        taken = doctoring.ports(Installation(tmp_path, None))
        assert taken.state is State.FAULT
        assert f"control 127.0.0.1:{port}" in taken.said[0]
        ours = {"pid": os.getpid(), "control": f"http://127.0.0.1:{port}", "exchange": None}
        (tmp_path / "gateway.json").write_text(json.dumps(ours))
        assert doctoring.ports(Installation(tmp_path, None)).state is State.OK


@pytest.mark.parametrize(
    ("theirs", "state"), [(100.2, State.OK), (101.1, State.OK), (101.6, State.FAULT), (98.9, State.FAULT)]
)
def test_clocks_a_second_apart_are_a_fault_and_the_time_of_asking_does_not_count(
    theirs: float, state: State
) -> None:
    assert clock(datetime.fromtimestamp(theirs, UTC), 100.0, 100.5).state is state


@pytest.mark.parametrize(
    ("major", "is_standby", "state"),
    [(15, False, State.OK), (14, False, State.FAULT), (18, True, State.FAULT)],
)
def test_an_old_server_and_a_standby_are_faults(major: int, is_standby: bool, state: State) -> None:
    facts = ServerFacts(f"{major}.1", major, is_standby, datetime.now(UTC), True, "on", "on", "on")
    assert server(facts).state is state


def test_warnings_do_not_count_faults_do_and_a_lost_database_counts_most() -> None:
    good, doubt, bad = ok("a", *WORDS), warning("b", WORDS, WORDS), fault("c", WORDS, WORDS)
    assert Report(checks=[good, doubt]).exit_code == 0
    assert Report(checks=[good, bad]).exit_code == 1
    assert Report(checks=[bad], is_reachable=False).exit_code == 4
