"""``./gw test``: every check of this checkout, each timed; all run, also after one has failed.

Whatever the checks write goes to one temporary directory or into the environment, never into the checkout.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import disk_usage

import click

from gateway.cli.exits import FAILED, OK
from gateway.errors import Unavailable

_TOOLS = ("coverage", "mypy", "pytest", "pytest_cov", "ruff", "xdist")
_FEWEST_WORKERS, _MOST_WORKERS = 2, 4
_SETTLE_SECONDS = 5
_ROOMY_BYTES = 4 << 30
_DROPPED = ("GATEWAY__", "PYTHONDONTWRITEBYTECODE")
"""Of the caller's environment: settings of a gateway, and what makes every process compile all sources anew."""


class DevToolsMissing(Unavailable):
    """The tools for development are not installed（未安装开发工具）."""

    remedy = (
        "Run it as ./gw test in a checkout: the launcher installs requirements/dev.txt first.",
        "请在源码目录中以 ./gw test 运行：启动脚本会先安装 requirements/dev.txt。",
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """One check: its name and the arguments after ``python -m``."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stage ended."""

    name: str
    ok: bool
    seconds: float


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.option("--fast", is_flag=True, help="Only tests/unit and tests/house, and no coverage.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; the tools' own words go to stderr."
)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def command(fast: bool, as_json: bool, pytest_args: tuple[str, ...]) -> None:
    """Run every check: style (ruff), types (mypy), tests (pytest) with branch coverage (测试).

    PYTEST_ARGS go to pytest, e.g. ./gw test tests/unit -k deadline. Exit code 0 only if every stage passed.
    """
    root = _checkout()
    with (
        tempfile.TemporaryDirectory(prefix="gw-test-", dir=_memory(runs=True)) as path,
        tempfile.TemporaryDirectory(prefix="gw-test-", dir=_memory()) as data,
    ):
        scratch, rows = Path(path), Path(data)
        # Root's servers run as another account, which must be able to pass through to their data.
        scratch.chmod(0o711)
        rows.chmod(0o711)
        env = environment(scratch) | {"GATEWAY_TEST_DATA": data}
        outcomes = [_run(stage, root, env, as_json) for stage in stages(scratch, fast, pytest_args)]
        outcomes.append(_leftovers(scratch, rows))
    _report(outcomes, as_json)
    sys.exit(OK if all(outcome.ok for outcome in outcomes) else FAILED)


def stages(scratch: Path, fast: bool, pytest_args: Sequence[str]) -> list[Stage]:
    """The checks in the order they run, quickest first."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    workers = max(_FEWEST_WORKERS, min(cores, _MOST_WORKERS))
    scope = ("tests/unit", "tests/house") if fast else ("--cov", "--cov-report=term")
    # Each worker goes through its share in order and so opens nearly every module's gateway alone.
    pytest = (
        "pytest",
        f"-n{workers}",
        "--dist=worksteal",
        "-q",
        f"--basetemp={scratch / 'pytest'}",
        *scope,
        *pytest_args,
    )
    return [
        Stage("ruff check", ("ruff", "check", ".")),
        Stage("ruff format", ("ruff", "format", "--check", ".")),
        Stage("mypy", ("mypy",)),
        Stage("pytest", pytest),
    ]


def _checkout() -> Path:
    root = Path(__file__).resolve().parents[2]
    missing = [name for name in _TOOLS if find_spec(name) is None]
    if not (root / "tests").is_dir():
        missing.append("the folder tests/")
    if missing:
        raise DevToolsMissing(f"missing: {', '.join(missing)}", f"缺少：{'、'.join(missing)}")
    return root


def _memory(*, runs: bool = False) -> str | None:
    """Where the tests' files may lie in memory, so that many small commits cost no disk; None for on disk.

    Args:
        runs: programs are put there too, which a container may forbid (noexec).
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and disk_usage(memory).free >= _ROOMY_BYTES
    forbidden = runs and roomy and os.statvfs(memory).f_flag & os.ST_NOEXEC
    return str(memory) if roomy and not forbidden else None


def environment(scratch: Path) -> dict[str, str]:
    """The caller's environment without settings of a gateway, and with every tool's files out of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    caches = Path(sys.prefix) / "cache" if os.access(sys.prefix, os.W_OK) else scratch / "cache"
    return kept | {
        "TMPDIR": str(scratch),
        "COVERAGE_FILE": str(scratch / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(caches / "hypothesis"),
        "MYPY_CACHE_DIR": str(caches / "mypy"),
        "RUFF_CACHE_DIR": str(caches / "ruff"),
        "PYTHONPYCACHEPREFIX": str(caches / "compiled"),
        "PYTEST_ADDOPTS": f"{kept.get('PYTEST_ADDOPTS', '')} -o cache_dir='{caches / 'pytest'}'",
    }


def _run(stage: Stage, root: Path, env: dict[str, str], as_json: bool) -> Outcome:
    click.secho(f"\n== {stage.name}", bold=True, err=as_json)
    began = time.monotonic()
    command = [sys.executable, "-m", *stage.arguments]
    done = subprocess.run(command, cwd=root, env=env, stdout=sys.stderr if as_json else None, check=False)
    return Outcome(stage.name, done.returncode == 0, round(time.monotonic() - began, 1))


def _leftovers(*folders: Path) -> Outcome:
    """Whether the tests left a process working in their temporary directories; the last ones may take a moment."""
    began = time.monotonic()
    while (
        left := [pid for folder in folders for pid in processes_in(folder)]
    ) and time.monotonic() - began < _SETTLE_SECONDS:
        time.sleep(0.1)
    for pid in left:
        click.echo(f"left running by the tests: process {pid}", err=True)
    return Outcome("no process left", not left, round(time.monotonic() - began, 1))


def processes_in(scratch: Path) -> list[str]:
    """The ids of the processes whose working directory lies below ``scratch`` (Linux; elsewhere none is seen)."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(scratch):
                left.append(process.name)
        except OSError:
            continue
    return left


def _report(outcomes: list[Outcome], as_json: bool) -> None:
    if as_json:
        ok = all(outcome.ok for outcome in outcomes)
        click.echo(json.dumps({"ok": ok, "stages": [asdict(outcome) for outcome in outcomes]}))
        return
    click.echo()
    for outcome in outcomes:
        click.secho(
            f"{outcome.name:<16} {'ok' if outcome.ok else 'FAILED':<7}{outcome.seconds:>7.1f} s",
            fg="green" if outcome.ok else "red",
        )
