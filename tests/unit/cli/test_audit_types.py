"""The printed table of event types is the one in the code, and whole."""

import json

from click.testing import CliRunner

from gateway.audit import EventType
from gateway.cli.audit import command


def test_every_type_is_listed_in_both_languages() -> None:
    said = CliRunner().invoke(command, ["types"]).output
    told = json.loads(CliRunner().invoke(command, ["types", "--json"]).output)["types"]
    assert [each["type"] for each in told] == list(EventType)
    for each in EventType:
        assert each.en
        assert each.zh
        assert f"{each.value} " in said
        assert f"{each.zh}  {each.en}" in said
