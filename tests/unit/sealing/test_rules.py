"""Which documents need a seal: by kind, grade, resource and day."""

from datetime import date
from pathlib import Path

import pytest

from gateway.errors import BadSettings
from gateway.sealing.rules import Kind, load_rules

FILE = Path(__file__).resolve().parents[3] / "config" / "sealing.toml"
DAY, SOURCES = date(2026, 6, 1), 'source = "s"\nsource_zh = "依据"\n'


def rules(folder: Path, *lines: str) -> Path:
    file = folder / "sealing.toml"
    heads = [f'[[rules]]\nid = "r{number}"\n{SOURCES}{line}\n' for number, line in enumerate(lines)]
    file.write_text("\n".join(heads), "utf-8")
    return file


def asking(file: Path, kind: str, code: str, grade: str, day: date = DAY) -> str | None:
    found = load_rules(file).asking(Kind(kind), code, grade, day)
    return found.id if found else None


def test_by_default_nothing_needs_a_seal() -> None:
    assert load_rules(FILE).held == ()


def test_the_example_in_the_file_is_a_rule_once_it_is_put_in(tmp_path: Path) -> None:
    file = tmp_path / "sealing.toml"
    lines = FILE.read_text("utf-8").splitlines()
    example = lines[lines.index("# [[rules]]") :]
    file.write_text("\n".join(line.removeprefix("# ") for line in example), "utf-8")
    assert asking(file, "decision", "307011024701/000001", "important") == "important-data"
    assert asking(file, "decision", "307011024701/000001", "general") is None


def test_every_condition_of_a_rule_must_hold(tmp_path: Path) -> None:
    file = rules(
        tmp_path,
        'on = ["decision"]\ngrades = ["important"]\neffective_from = 2026-01-01\neffective_until = 2026-12-31',
        'on = ["application"]\nresources = ["307*", "3080/1"]\neffective_from = 2026-06-01',
    )
    assert asking(file, "decision", "1", "important") == "r0"
    assert asking(file, "decision", "1", "general") is None
    assert asking(file, "decision", "1", "important", date(2027, 1, 1)) is None
    assert asking(file, "decision", "1", "important", date(2025, 12, 31)) is None
    assert asking(file, "application", "307011/1", "general") == "r1"
    assert asking(file, "application", "3080/1", "general") == "r1"
    assert asking(file, "application", "3080/12", "general") is None
    assert asking(file, "application", "307011/1", "general", date(2026, 5, 31)) is None


@pytest.mark.parametrize(
    "line",
    [
        'on = []\neffective_from = 2026-01-01', 'on = ["grant"]\neffective_from = 2026-01-01', 'on = ["decision"]',
        'on = ["decision"]\neffective_from = 2026-01-01\ngrades = ["importantt"]',
        'on = ["decision"]\neffective_from = 2026-01-01\ngrade = "important"', "x",
    ],
)  # fmt: skip
def test_a_rule_that_is_not_understood_stops_the_start(line: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        load_rules(rules(tmp_path, line))


def test_no_two_rules_have_one_id(tmp_path: Path) -> None:
    file = rules(tmp_path, 'on = ["decision"]\neffective_from = 2026-01-01')
    file.write_text(file.read_text("utf-8") * 2, "utf-8")
    with pytest.raises(BadSettings, match="twice"):
        load_rules(file)
