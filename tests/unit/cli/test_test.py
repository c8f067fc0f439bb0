from pathlib import Path

import pytest

from gateway.cli.test import environment, stages


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


def test_no_process_of_the_tests_compiles_what_another_has_compiled_nor_puts_it_into_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("GATEWAY__EXCHANGE__ROWS", "1")
    given = environment(tmp_path)
    assert not {"PYTHONDONTWRITEBYTECODE", "GATEWAY__EXCHANGE__ROWS"} & given.keys()
    kept = Path(given["PYTHONPYCACHEPREFIX"])
    assert kept.is_absolute()
    assert kept.parent == Path(given["MYPY_CACHE_DIR"]).parent
