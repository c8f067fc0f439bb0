"""The life of an application as a table: which act is possible in which state, by whom, and what it leads to.

Every act checks this table first (:meth:`gateway.authz.applications.casework.Casework.at_step`); the drawing in
ops/guide/applications.md is made from it.
"""

from dataclasses import dataclass
from typing import Final

from gateway.authz.applications.model import State

REQUESTER: Final = "requester"
PLATFORM: Final = "platform"
PROVIDER: Final = "provider"


@dataclass(frozen=True, slots=True)
class Move:
    """One act: the states it is possible in, the state after it (None: the same), who does it, and its condition."""

    before: frozenset[State]
    after: State | None
    by: str
    condition: str = ""
    condition_zh: str = ""

    def leads_to(self, state: State) -> State:
        """The state after the act."""
        return self.after or state


_FILED: Final = frozenset({State.FILED})
_ACCEPTED: Final = frozenset({State.ACCEPTED})
_OPEN: Final = _FILED | _ACCEPTED
_TOLD: Final = ("complete, or told what is missing", "材料齐全，或已一次性告知")

MOVES: Final = {
    "amend": Move(_OPEN, None, REQUESTER, "after acceptance only on the department route", "受理后仅限部门受理路径"),
    "platform_notice": Move(_FILED, None, PLATFORM, "once per version", "每版一次"),
    "provider_notice": Move(_ACCEPTED, None, PROVIDER, "once per version", "每版一次"),
    "accept": Move(_FILED, State.ACCEPTED, PLATFORM, "complete", "材料齐全"),
    "not_accept": Move(_FILED, State.NOT_ACCEPTED, PLATFORM, *_TOLD),
    "provide": Move(_ACCEPTED, State.PROVIDED, PLATFORM, "direct route", "平台直接提供路径"),
    "provide_at_once": Move(
        _FILED, State.PROVIDED, PLATFORM, "complete; standing authorisation or same scene", "材料齐全；平台授权或同场景"
    ),
    "approve": Move(_ACCEPTED, State.APPROVED, PROVIDER, "department route", "部门受理路径"),
    "refuse": Move(_ACCEPTED, State.REFUSED, PROVIDER, "department route; told what is missing", "部门受理路径；已一次性告知"),
    "withdraw": Move(_OPEN, State.WITHDRAWN, REQUESTER),
}  # fmt: skip
"""Each act. Who wrote a version of the form never reviews, provides or decides it."""
