"""The launcher on a copy of its own files, with lock files that name no package: no network is needed."""

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TELL = "import os, sys; print(os.getcwd(), sys.prefix, *sys.argv[1:], sep='\\n')\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of nothing but the launcher, in a path with a blank; the environment is made once."""
    root = tmp_path_factory.mktemp("a b") / "check out"
    (root / "requirements").mkdir(parents=True)
    shutil.copy2(ROOT / "gw", root / "gw")
    for kind in ("runtime", "dev"):
        (root / "requirements" / f"{kind}.txt").write_text("# no package\n")
    (root / "gateway").mkdir()
    (root / "gateway" / "__main__.py").write_text(TELL)
    first = start(root)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[1] == str(root / ".venv")
    assert "making .venv" in first.stderr
    return root


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory with modules that must not be taken for ours."""
    for name in ("gateway", "click", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    return tmp_path


def start(
    root: Path, *arguments: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(root), **env}
    return subprocess.run(
        [root / "gw", *arguments],
        cwd=cwd or root,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_every_shell_at_hand_can_read_it(shell: str) -> None:
    found = shutil.which(shell) or "/bin/sh"
    assert subprocess.run([found, "-n", ROOT / "gw"], capture_output=True, check=False).stderr == b""


def test_it_can_be_executed() -> None:
    assert os.access(ROOT / "gw", os.X_OK)


def test_a_later_start_says_nothing_and_passes_every_argument_on(checkout: Path, elsewhere: Path) -> None:
    told = start(checkout, "deadline", "--from", "a b", "", cwd=elsewhere)
    assert told.stderr == ""
    assert told.stdout.split("\n")[:6] == [
        str(elsewhere),
        str(checkout / ".venv"),
        "deadline",
        "--from",
        "a b",
        "",
    ]


def test_a_link_to_it_starts_the_same_checkout(checkout: Path, elsewhere: Path) -> None:
    (elsewhere / "gw").symlink_to(checkout / "gw")
    told = subprocess.run(["./gw"], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [str(elsewhere), str(checkout / ".venv")]


def test_only_the_command_test_asks_for_the_tools_of_development(checkout: Path) -> None:
    assert "requirements/dev.txt" in start(checkout, "test").stderr
    assert start(checkout, "test").stderr == ""
    assert start(checkout, "up").stderr == ""


def test_a_changed_lock_is_installed_into_the_same_environment(checkout: Path) -> None:
    keepsake = checkout / ".venv" / "keepsake"
    keepsake.touch()
    with (checkout / "requirements" / "runtime.txt").open("a") as lock:
        lock.write("# changed\n")
    changed = start(checkout)
    assert "requirements/runtime.txt" in changed.stderr
    assert "making" not in changed.stderr
    assert keepsake.exists()
    assert start(checkout).stderr == ""


def test_a_half_made_environment_is_made_anew_and_only_once_by_two_at_the_same_time(checkout: Path) -> None:
    (checkout / ".venv" / ".stamp").unlink()
    (checkout / ".venv" / "half").touch()
    pair = [
        subprocess.Popen(
            [checkout / "gw"], cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], told
    assert sum("making .venv" in said for _, said in told) == 1
    assert not (checkout / ".venv" / "half").exists()


def make_wheel(folder: Path) -> Path:
    path = folder / "extra-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        about = "extra-1.0.dist-info"
        wheel.writestr("extra.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return path


def test_only_a_package_with_the_hash_of_the_lock_is_installed(checkout: Path) -> None:
    wheel = make_wheel(checkout / "requirements")
    lock = checkout / "requirements" / "runtime.txt"
    before, digest = lock.read_text(), sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"./requirements/{wheel.name} --hash=sha256:{'0' * 64}\n")
    refused = start(checkout)
    assert refused.returncode == 4
    assert refused.stdout == ""
    assert "hash" in refused.stderr.lower()
    assert "could not be installed" in refused.stderr
    assert not (checkout / ".venv" / ".stamp").exists()
    lock.write_text(f"./requirements/{wheel.name} --hash=sha256:{digest}\n")
    assert start(checkout).returncode == 0
    assert list((checkout / ".venv").glob("lib/*/site-packages/extra.py"))
    lock.write_text(before)
    assert start(checkout).returncode == 0


def test_without_a_usable_python_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    for tool in ("readlink", "dirname", "cksum", "grep", "mkdir"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    stamp = checkout / ".venv" / ".stamp"
    stamp.rename(stamp.with_suffix(".away"))
    refused = start(checkout, PATH=str(tmp_path))
    stamp.with_suffix(".away").rename(stamp)
    assert refused.returncode == 4
    assert "no Python 3.11 or newer" in refused.stderr
    assert "GATEWAY_PYTHON" in refused.stderr


def test_a_named_python_that_does_not_exist_is_refused_by_name(checkout: Path) -> None:
    refused = start(checkout, GATEWAY_PYTHON="/nowhere/python3")
    assert refused.returncode == 4
    assert "/nowhere/python3" in refused.stderr
