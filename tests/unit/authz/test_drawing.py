"""The diagram in the guide is the one the code makes."""

from pathlib import Path

from gateway.authz.applications.drawing import mermaid, redrawn
from gateway.authz.applications.model import State
from gateway.authz.applications.moves import MOVES

PAGE = Path(__file__).resolve().parents[3] / "ops" / "guide" / "applications.md"


def test_the_page_shows_the_moves_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert mermaid() in page
    assert redrawn(page) == page, "run .venv/bin/python ops/draw_applications.py"


def test_the_drawing_has_an_arrow_for_every_move_and_an_end_for_every_closed_state() -> None:
    drawn = mermaid()
    for act, move in MOVES.items():
        for state in move.before:
            assert f"    {state} --> {move.leads_to(state)}: {act} ({move.by})" in drawn
    ends = {State.NOT_ACCEPTED, State.APPROVED, State.PROVIDED, State.REFUSED, State.WITHDRAWN}
    assert {state for state in State if f"    {state} --> [*]" in drawn.splitlines()} == ends
