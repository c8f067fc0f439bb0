from pathlib import Path

from gateway.cli.test import stages


def arguments_of_pytest(*, fast: bool, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    return stages(Path("scratch"), fast, extra)[-1].arguments


def test_the_checks_are_style_types_and_tests_in_this_order() -> None:
    names = [stage.name for stage in stages(Path("scratch"), False, ())]
    assert names == ["ruff check", "ruff format", "mypy", "pytest"]


def test_a_full_run_measures_coverage_of_all_tests() -> None:
    arguments = arguments_of_pytest(fast=False)
    assert "--cov" in arguments
    assert not any(argument.startswith("tests/") for argument in arguments)


def test_a_fast_run_needs_no_database() -> None:
    arguments = arguments_of_pytest(fast=True)
    assert {"tests/unit", "tests/house"} <= set(arguments)
    assert "--cov" not in arguments


def test_further_arguments_reach_pytest_last_so_that_they_win() -> None:
    assert arguments_of_pytest(fast=False, extra=("-n0", "-k", "deadline"))[-3:] == ("-n0", "-k", "deadline")


def test_tests_run_in_parallel_on_at_least_two_workers() -> None:
    workers = [argument for argument in arguments_of_pytest(fast=False) if argument.startswith("-n")]
    assert len(workers) == 1
    assert 2 <= int(workers[0].removeprefix("-n")) <= 4
