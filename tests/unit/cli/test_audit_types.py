"""The printed table of event types is the one in the code, and whole."""

import json
from pathlib import Path

from click.testing import CliRunner

from gateway.audit import EventType
from gateway.cli.audit import command

GUIDE = Path(__file__).resolve().parents[3] / "ops" / "guide" / "audit-types.md"


def test_every_type_is_listed_in_both_languages() -> None:
    said = CliRunner().invoke(command, ["types"]).output
    told = json.loads(CliRunner().invoke(command, ["types", "--json"]).output)["types"]
    assert [each["type"] for each in told] == list(EventType)
    for each in EventType:
        assert each.en
        assert each.zh
        assert f"{each.value} " in said
        assert f"{each.zh}  {each.en}" in said


def test_the_guide_holds_the_same_table() -> None:
    """After adding a type: ./gw audit types --markdown gives the new table."""
    table = CliRunner().invoke(command, ["types", "--markdown"]).output.strip()
    assert table in GUIDE.read_text("utf-8"), "ops/guide/audit-types.md is older than gateway/audit/types.py"
