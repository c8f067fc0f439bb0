"""Reading ``config/supervision.toml``. I/O, and therefore apart from ``ladder``."""

import hashlib
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.errors import BadSettings
from gateway.supervision.ladder import CatchUp, Desk, Ladder, Light, Step, StepKind, Window


class BadLadder(BadSettings):
    """The ladder of supervision cannot be used（督办阶梯配置有误）."""


_Days = Annotated[int, Field(strict=True, ge=0, le=250)]
_Desks = Annotated[tuple[Desk, ...], Field(min_length=1)]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Window(_Content):
    opens: time
    closes: time
    working_days_only: bool

    @model_validator(mode="after")
    def _is_open(self) -> Self:
        if self.opens >= self.closes or self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("the window opens before it closes, in local time")
        return self


class _Breach(_Content):
    to: _Desks


class _Step(_Content):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: Literal[StepKind.REMIND, StepKind.HAND_OVER, StepKind.ORDER]
    light: Literal["amber", "red", "overdue"]
    to: _Desks
    catch_up: CatchUp = CatchUp.ONCE
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    working_days_before: _Days | None = None
    working_days_after: _Days | None = None

    @model_validator(mode="after")
    def _is_placed(self) -> Self:
        places = (self.share, self.working_days_before, self.working_days_after)
        if sum(place is not None for place in places) != 1:
            raise ValueError("give one of share, working_days_before and working_days_after")
        return self

    def step(self) -> Step:
        return Step(
            self.id, self.kind, Light[self.light.upper()], self.to, self.catch_up, self.share,
            self.working_days_before, self.working_days_after,
        )  # fmt: skip


class _File(_Content):
    window: _Window
    breach: _Breach
    steps: tuple[_Step, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids) or StepKind.BREACH in ids:
            raise ValueError("two steps have one id")
        return self


def load_ladder(file: Path) -> Ladder:
    """Read the ladder.

    Raises:
        BadLadder: unreadable, or not a ladder; the detail says where.
    """
    try:
        read = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as wrong:
        said = "; ".join(f"[{'.'.join(map(str, e['loc']))}] {e['msg']}" for e in wrong.errors())
        raise BadLadder(f"{file}: {said}", f"{file}：{said}") from None
    except (OSError, ValueError) as wrong:
        raise BadLadder(f"{file}: {wrong}", f"{file} 无法读取：{wrong}") from None
    breach = Step(StepKind.BREACH, StepKind.BREACH, Light.OVERDUE, read.breach.to)
    window = Window(read.window.opens, read.window.closes, read.window.working_days_only)
    return Ladder(window, tuple(step.step() for step in read.steps), breach)


def edition_of(ladder: Ladder, calendar_version: str) -> str:
    """A word that changes whenever the ladder or the calendar does: what was planned under another is planned anew."""
    return hashlib.sha256(f"{ladder!r} {calendar_version}".encode()).hexdigest()[:16]
