"""The README's tour, run as a reader runs it: the blocks as they stand, in ``sh``, on an empty data directory.

Blocks marked ``sh tour background`` are started first and left running; those marked ``sh tour`` run after them, in
order, in one shell. A line ``# → text`` must be a line of its block's output, in order; ``…`` stands for anything.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import held_port
from pydantic import TypeAdapter

from gateway.catalog import Mount
from gateway.settings import load

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?P<mark>[a-z ]+)\n(?P<text>.*?)^```$", re.M | re.S)
INDENTED = re.compile(r"^ {3}```(?P<mark>[a-z ]+)\n(?P<text>.*?)^ {3}```$", re.M | re.S)
EXPECTED = re.compile(r"^# → (.*)$", re.M)
LANGUAGES = ("README.md", "README.zh-CN.md")
READY_SECONDS = 60
TOUR_SECONDS = 180


def blocks(mark: str, file: str = "README.md", pattern: re.Pattern[str] = BLOCK) -> list[str]:
    text = (ROOT / file).read_text("utf-8")
    return [found["text"] for found in pattern.finditer(text) if found["mark"] == mark]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that looks like the checkout to a reader, with nothing of an installation in it."""
    folder = Path(tempfile.mkdtemp(prefix="gwr"))
    folder.chmod(0o711)  # started by root, the database runs as nobody and must reach its folder
    (folder / "gw").symlink_to(ROOT / "gw")
    (folder / "config").symlink_to(ROOT / "config")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def environment(place: Path) -> Iterator[dict[str, str]]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "http_proxy"))
    }
    ports = {f"GATEWAY__LISTEN__{name}_PORT": "0" for name in ("EXCHANGE", "CONTROL", "METRICS")}
    with held_port() as provider:
        yield kept | ports | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GATEWAY_DATA_DIR": str(place / "data"),
        "PROVIDER_PORT": str(provider),
        "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    }  # fmt: skip


@contextlib.contextmanager
def running(place: Path, environment: dict[str, str]) -> Iterator[None]:
    """The programs of the other terminals; each block's last line is the program itself."""
    programs = []
    try:
        for number, block in enumerate(blocks("sh tour background")):
            before, _, last = block.strip().rpartition("\n")
            with (place / f"terminal-{number}.log").open("wb") as log:
                programs.append(
                    subprocess.Popen(
                        ["sh", "-euc", f"{before}\nexec {last}"], cwd=place, env=environment, stdout=log,
                        stderr=log, start_new_session=True,
                    )
                )  # fmt: skip
        yield
    finally:
        for program in programs:
            program.send_signal(signal.SIGTERM)
        for program in programs:
            program.wait(60)


def addresses(place: Path, environment: dict[str, str]) -> dict[str, str]:
    """Where the gateway listens, once it and the provider's service do."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            found = json.loads((place / "data" / "gateway.json").read_text("utf-8"))
            socket.create_connection(("127.0.0.1", int(environment["PROVIDER_PORT"])), 1).close()
            return {"CONTROL": found["control"], "CALLS": found["exchange"]}
        time.sleep(0.05)
    logs = "\n".join(file.read_text() for file in sorted(place.glob("terminal-*.log")))
    raise AssertionError(f"not ready within {READY_SECONDS} s:\n{logs}")


def toured(place: Path, environment: dict[str, str]) -> list[str]:
    """What each block printed."""
    tour = blocks("sh tour")
    script = place / "tour.sh"
    script.write_text(
        "".join(f"printf '\\n== block {at}\\n'\n{block}" for at, block in enumerate(tour)), "utf-8"
    )
    done = subprocess.run(
        ["sh", "-eu", script], cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=TOUR_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return re.split(r"^== block \d+\n", done.stdout, flags=re.M)[1:]


def missing(block: str, output: str) -> list[str]:
    """Expected lines that did not come, or not in this order."""
    lines, at, lost = output.splitlines(), 0, []
    for wanted in EXPECTED.findall(block):
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("…")))
        found = next((place for place in range(at, len(lines)) if pattern.fullmatch(lines[place])), None)
        if found is None:
            lost.append(wanted)
        else:
            at = found + 1
    return lost


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed; the README's tour uses it")
def test_the_tour_leads_from_nothing_to_a_granted_call_and_its_records(
    place: Path, environment: dict[str, str]
) -> None:
    with running(place, environment):
        printed = toured(place, environment | addresses(place, environment))
    told = list(zip(blocks("sh tour"), printed, strict=True))
    assert sum(len(EXPECTED.findall(block)) for block, _ in told) > 30
    for block, output in told:
        assert not missing(block, output), f"{missing(block, output)}\n-- of\n{block}\n-- came\n{output}"


def test_a_line_that_does_not_come_is_missed() -> None:
    block = "say\n# → one … three\n# → four\n"
    assert missing(block, "zero\none two three\nfour\n") == []
    assert missing(block, "four\none two three\n") == ["four"]
    assert missing(block, "one two three!\nfour\n") == ["one … three"]


@pytest.mark.parametrize("file", LANGUAGES)
def test_every_mount_shown_is_one_the_gateway_takes(file: str) -> None:
    shown = [json.loads(block)["mount"] for block in blocks("json", file)]
    assert {TypeAdapter(Mount).validate_python(mount).kind for mount in shown} == {"table", "file"}


@pytest.mark.parametrize("file", LANGUAGES)
def test_the_settings_shown_for_production_are_loaded(file: str, tmp_path: Path) -> None:
    shown = blocks("toml", file, INDENTED)
    assert len(shown) == 1
    path = tmp_path / "gateway.toml"
    path.write_text(shown[0], "utf-8")
    tomllib.loads(shown[0])
    assert load(path).exchange.egress_networks == ("10.20.0.0/16",)


def test_both_languages_hold_the_same_commands() -> None:
    def commands(file: str) -> list[tuple[str, list[str]]]:
        text = (ROOT / file).read_text("utf-8")
        found = [match for pattern in (BLOCK, INDENTED) for match in pattern.finditer(text)]
        return [(match["mark"], [bare(line) for line in match["text"].splitlines()]) for match in found]

    def bare(line: str) -> str:
        return line if line.startswith("# →") else re.sub(r"(^|\s+)# .*$", "", line)

    english, chinese = (
        [each for each in commands(file) if each[0].startswith("sh") or each[0] == "json"]
        for file in LANGUAGES
    )
    assert english == chinese
    assert len(english) > 10
