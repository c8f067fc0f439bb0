import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

import click
import pytest
from click.testing import CliRunner

from gateway.cli import COMMANDS, Commands, main
from gateway.errors import BadSettings, Conflict, FieldFault, GatewayError, Invalid, Unavailable

NAMES = [name for section in COMMANDS.values() for name in section]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_the_help_page_exists(name: str) -> None:
    assert find_spec(f"gateway.cli.{name}")
    told = CliRunner().invoke(main, [name, "--help"])
    assert told.exit_code == 0
    assert len(told.output.splitlines()) > 4


def test_the_help_page_lists_every_command_under_its_section() -> None:
    page = CliRunner().invoke(main, ["--help"]).output
    listed = [line.split()[0] for line in page.splitlines() if line.startswith("  ") and line.strip()]
    assert [name for name in listed if name in NAMES] == NAMES
    assert all(section in page for section in COMMANDS)
    assert "Exit codes" in page


def test_the_help_page_imports_no_command() -> None:
    program = "import sys; from gateway.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.splitlines()[-1].split())
    assert "gateway.cli" in loaded
    assert not loaded & {"aiohttp", "asyncpg", "pydantic", *(f"gateway.cli.{name}" for name in NAMES)}


def test_an_unknown_command_is_answered_with_the_nearest_one() -> None:
    told = CliRunner().invoke(main, ["tset"])
    assert told.exit_code == 2
    assert "did you mean 'test'" in told.output


def failing(error: Exception) -> Commands:
    @click.command("fail")
    def fail() -> None:
        raise error

    return Commands("gw", commands={"fail": fail})


class GrantMissing(Conflict):
    """The grant is missing（缺少授权）."""

    remedy = ("Apply for it.", "请提交申请。")


def test_an_error_is_told_with_its_next_step_in_both_languages_and_no_traceback() -> None:
    told = CliRunner().invoke(failing(GrantMissing("no grant for 婚姻登记核验", "没有授权")), ["fail"])
    assert told.stdout == ""
    assert told.stderr.splitlines() == [
        "error: The grant is missing（缺少授权） — no grant for 婚姻登记核验",
        "next step: Apply for it.",
        "错误：没有授权",
        "下一步：请提交申请。",
    ]


def test_every_faulty_field_is_told() -> None:
    faults = [FieldFault("/days", "must be a number", "应为数字"), FieldFault("/from", "is missing", "缺少")]
    told = CliRunner().invoke(failing(Invalid(*faults)), ["fail"])
    assert "/days: must be a number" in told.stderr
    assert "/from: is missing" in told.stderr


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Unavailable("down", "不可用"), 4),
        (lambda: BadSettings("wrong", "有误"), 2),
        (lambda: Invalid(FieldFault("/a", "wrong", "有误")), 2),
        (lambda: Conflict("not now", "当前不可"), 1),
    ],
)
def test_the_exit_code_tells_a_script_what_kind_of_failure_it_was(
    make: Callable[[], GatewayError], code: int
) -> None:
    assert CliRunner().invoke(failing(make()), ["fail"]).exit_code == code


def test_a_fault_of_our_own_is_not_hidden() -> None:
    told = CliRunner().invoke(failing(ZeroDivisionError("ours")), ["fail"])
    assert isinstance(told.exception, ZeroDivisionError)
