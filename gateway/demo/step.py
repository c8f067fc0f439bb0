"""A step of the story: what must come of it, and what came of it.

Apart from the chapters, which hold the steps, and from the telling, which prints them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.deadlines import Line
from gateway.demo.api import NotAsExpected
from gateway.demo.scene import NotYet, Scene
from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Happened:
    """What came of a step: the outcome to compare, who acted, what to tell, and facts for programs."""

    outcome: str
    who: Line | None = None
    lines: Iterable[Line] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done in the story.

    Args:
        name: never changes its meaning.
        expected: the outcome it must have.
        beforehand: what to say before an act that takes seconds.
    """

    name: str
    title: Line
    expected: str
    act: Callable[[Scene], Happened]
    beforehand: Line | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps that belong together."""

    title: Line
    steps: tuple[Step, ...]


def take(step: Step, scene: Scene) -> Happened:
    """Do a step; whatever keeps it from being done is its outcome, and the story can go on."""
    try:
        return step.act(scene)
    except NotYet as missing:
        return _failed(f"skipped: {missing}", "an earlier step did not succeed", "前面的步骤未成功")
    except NotAsExpected as surprise:
        answer = surprise.answer
        detail, detail_zh = str(answer.body.get("detail", "")), str(answer.body.get("detail_zh", ""))
        return _failed(answer.told, detail, detail_zh, problem=answer.body)
    except GatewayError as error:
        return _failed(error.slug(), error.detail, error.detail_zh)
    except Exception as fault:  # whatever it is, it is told, and the other steps show what it means
        said = f"{type(fault).__name__}: {fault}"
        return _failed("broken", said, said)


def _failed(outcome: str, detail: str, detail_zh: str, **details: Any) -> Happened:
    return Happened(outcome, lines=(Line(detail, detail_zh),), details={"detail": detail, **details})
