"""For each route of the control API a request that is right; one module per area, found by tests/stage.py.

A module holds ``CASES`` (operation id to :class:`Right`) and, where its requests need more than tests/stage.py sets up,
``async def prepare(stage)``, which adds identifiers to ``stage.ids``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from world import World


@dataclass
class Stage:
    """The first department's things by name, as they stand in paths and bodies."""

    world: World
    ids: dict[str, str] = field(default_factory=dict)


Body = Callable[[Stage], Any]


@dataclass(frozen=True)
class Right:
    """A request that is right: who may send it, to which path, and every body that together name all fields."""

    login: str
    path: Callable[[Stage], str]
    bodies: tuple[Body, ...] = ()

    def body(self, stage: Stage) -> Any:
        """The first body, or none."""
        return self.bodies[0](stage) if self.bodies else None


def at(template: str) -> Callable[[Stage], str]:
    """A path whose ``{names}`` are identifiers of the stage."""
    return lambda stage: template.format(**stage.ids)


BOUND: dict[str, Any] = {
    "prefix": "116", "at_least": "1", "at_most": "2", "shortest": 18, "longest": 18, "own_region": True,
    "required": True,
}  # fmt: skip
"""Every part a bound of a parameter can have beside ``values``, which stands alone."""
