"""``./gw audit types``: every kind of act that leaves a record, printed from the table the gateway itself uses."""

import json
from itertools import groupby

import click

from gateway.audit import EventType


@click.command("types")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--markdown", is_flag=True, help="Print a table for a document.")
def show_types(as_json: bool, markdown: bool) -> None:
    """List every kind of act that leaves an audit record (事件类型).

    The value is what records, the API and gw audit list --type use; it never changes its meaning.
    """
    if as_json:
        types = [{"type": each.value, "en": each.en, "zh": each.zh} for each in EventType]
        click.echo(json.dumps({"types": types}, ensure_ascii=False))
    else:
        click.echo(markdown_table() if markdown else _listed())


def markdown_table() -> str:
    """The table of all types as Markdown, sorted by value."""
    rows = [f"| `{each.value}` | {each.en} | {each.zh} |" for each in sorted(EventType)]
    return "\n".join(["| Type | What was done | 事件 |", "|---|---|---|", *rows])


def _listed() -> str:
    width = max(len(each.value) for each in EventType)
    lines = []
    for _, group in groupby(sorted(EventType), key=lambda each: each.value.partition(".")[0]):
        lines += [f"{each.value:<{width}}  {each.zh}  {each.en}" for each in group]
        lines.append("")
    return "\n".join(lines[:-1])
