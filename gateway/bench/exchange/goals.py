"""What the exchange path shall reach beside others, as a table: the least that is accepted, and the aim."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Goal:
    """One line: a figure, its bound and the aim beyond it; ``least`` says that more is better.

    Attributes:
        figure: ``ratios`` (requests/s, ours over theirs) or ``cpu_ratios`` (CPU per request, ours over theirs).
        bound: None where only an aim is set.
    """

    figure: str
    contender: str
    connections: int
    bound: float | None
    aim: float | None

    @property
    def least(self) -> bool:
        """Whether the figure shall be at least the bound, else at most."""
        return self.figure == "ratios"


GOALS: Final = (
    Goal("ratios", "aiohttp_bare", 32, 1.0, 1.2),
    Goal("cpu_ratios", "aiohttp_bare", 32, 1.1, 0.85),
    Goal("cpu_ratios", "aiohttp_bare", 256, 0.95, None),
    Goal("ratios", "haproxy_es256", 32, 0.75, 1.0),
    Goal("cpu_ratios", "haproxy_es256", 32, 1.4, 1.0),
    Goal("ratios", "fastify_full", 32, 1.0, 1.5),
    Goal("cpu_ratios", "fastify_full", 32, 1.0, 0.75),
    Goal("ratios", "express_gateway", 32, 6.0, 10.0),
    Goal("cpu_ratios", "nginx_lua", 32, 2.8, 2.0),
    Goal("ratios", "nginx", 32, 0.17, 0.25),
    Goal("cpu_ratios", "nginx", 32, 6.7, 4.5),
)


def judged(by_connections: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Every goal whose figure was measured: value, bound, aim, and whether each is met.

    Args:
        by_connections: ``ratios`` and ``cpu_ratios`` of a run by number of connections.
    """
    found = []
    for goal in GOALS:
        value = by_connections.get(str(goal.connections), {}).get(goal.figure, {}).get(goal.contender)
        if value is not None:
            found.append(
                {
                    "figure": goal.figure, "contender": goal.contender, "connections": goal.connections, "value": value,
                    "must": goal.bound, "met": _meets(value, goal.bound, goal.least),
                    "aim": goal.aim, "aim_met": _meets(value, goal.aim, goal.least),
                }
            )  # fmt: skip
    return found


def _meets(value: float, bound: float | None, least: bool) -> bool | None:
    if bound is None:
        return None
    return value >= bound if least else value <= bound
