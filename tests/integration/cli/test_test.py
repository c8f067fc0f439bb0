import subprocess
import sys
from pathlib import Path

from gateway.cli.test import processes_in


def test_a_process_that_tests_left_behind_is_found_by_its_directory(tmp_path: Path) -> None:
    inside, outside = tmp_path / "scratch" / "data", tmp_path / "other"
    inside.mkdir(parents=True)
    outside.mkdir()
    wait = [sys.executable, "-c", "input()"]
    with (
        subprocess.Popen(wait, cwd=inside, stdin=subprocess.PIPE) as left,
        subprocess.Popen(wait, cwd=outside, stdin=subprocess.PIPE) as stranger,
    ):
        assert processes_in(tmp_path / "scratch") == [str(left.pid)]
        left.kill()
        stranger.kill()
    assert processes_in(tmp_path / "scratch") == []
