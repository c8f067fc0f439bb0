"""The life of an application as a Mermaid state diagram, made from :data:`MOVES` so that page and code cannot differ."""

from gateway.authz.applications.model import State
from gateway.authz.applications.moves import MOVES

BEGIN, END = "<!-- made from gateway/authz/applications/moves.py -->", "<!-- end -->"


def mermaid() -> str:
    """The diagram; a loop is an act that leaves the state as it is."""
    lines = ["stateDiagram-v2", "    [*] --> filed: file (requester)"]
    for act, move in MOVES.items():
        said = f"{act} ({move.by})" + (f" [{move.condition}]" if move.condition else "")
        lines += [
            f"    {state} --> {move.leads_to(state)}: {said}" for state in State if state in move.before
        ]
    lines += [
        f"    {state} --> [*]" for state in State if not any(state in move.before for move in MOVES.values())
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def redrawn(page: str) -> str:
    """A page with its diagram drawn anew between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{mermaid()}\n{END}{after}"
