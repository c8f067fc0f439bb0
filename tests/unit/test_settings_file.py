"""``config/gateway.toml`` is the reference of all settings: it names each, with its default and its meaning."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadSettings
from gateway.sections import Section
from gateway.settings import Settings, load

FILE = Path(__file__).resolve().parents[2] / "config" / "gateway.toml"
UNSET = re.compile(r"^# ([a-z0-9_]+ = .+)$", re.M)


def sections() -> dict[str, type[Section]]:
    return {name: field.annotation for name, field in Settings.model_fields.items()}  # type: ignore[misc]


def defaults() -> dict[str, dict[str, Any]]:
    """What is set without any file or environment, but for what has no default."""
    shown = {name: section().model_dump(mode="json") for name, section in sections().items()}
    return {
        name: {key: each for key, each in values.items() if each is not None}
        for name, values in shown.items()
    }


def test_it_holds_every_default() -> None:
    kept = {name: values for name, values in defaults().items() if values}
    written = {name: values for name, values in tomllib.loads(FILE.read_text("utf-8")).items() if values}
    assert written == kept


def test_it_is_loaded_and_changes_nothing() -> None:
    assert load(FILE).model_dump() == load().model_dump()


def test_with_the_examples_put_in_it_names_every_setting_there_is(tmp_path: Path) -> None:
    whole = tmp_path / "whole.toml"
    whole.write_text(UNSET.sub(r"\1", FILE.read_text("utf-8")), "utf-8")
    named = {name: set(values) for name, values in tomllib.loads(whole.read_text("utf-8")).items()}
    assert named == {name: set(section.model_fields) for name, section in sections().items()}
    assert load(whole).platform.base_url == "https://share.example.gov.cn"


def test_every_setting_has_its_meaning_above_it() -> None:
    lines = FILE.read_text("utf-8").splitlines()
    bare = [
        line
        for above, line in pairwise(lines)
        if re.match(r"(?:# )?[a-z_]+ = ", line) and not re.match(r"# (?![a-z_]+ = )", above)
    ]
    assert bare == []


def test_a_name_it_does_not_hold_stops_the_start(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(FILE.read_text("utf-8").replace("pool_max", "pool_maxx"), "utf-8")
    with pytest.raises(BadSettings, match="pool_maxx"):
        load(wrong)
