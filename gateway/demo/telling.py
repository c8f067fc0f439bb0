"""Telling the story: each step on the terminal for a person, all of them as one JSON object for a program."""

import time
from dataclasses import dataclass, field
from typing import Any, Final

import click

from gateway.deadlines import Line
from gateway.demo.scene import Scene
from gateway.demo.step import Chapter, Happened, Step, take

_SIDE: Final = "    "


@dataclass(slots=True)
class Teller:
    """Takes the steps and prints them as they happen; ``to_stderr`` leaves standard output to the JSON."""

    to_stderr: bool
    began: float = field(default_factory=time.monotonic)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every step so far had its expected outcome, and there was one."""
        return bool(self.steps) and all(step["outcome"] == step["expected"] for step in self.steps)

    def tell(self, chapter: Chapter, scene: Scene) -> None:
        """Take the steps of a chapter in order."""
        self.heading(chapter.title)
        for step in chapter.steps:
            self.take(step, scene)

    def take(self, step: Step, scene: Scene) -> None:
        """Take one step and tell what came of it; raises KeyboardInterrupt where the end was told before."""
        scene.world.ending.check()
        if step.beforehand:
            self._say("")
            self.line(step.beforehand)
        self.told(step, take(step, scene))

    def told(self, step: Step, happened: Happened) -> None:
        """Print what came of a step and keep it."""
        good = happened.outcome == step.expected
        who = f"{happened.who.zh} / {happened.who.en}" if happened.who else ""
        details = {**({"who": who} if who else {}), **happened.details}
        self.steps.append(
            {"name": step.name, "expected": step.expected, "outcome": happened.outcome, "details": details}
        )
        mark = click.style("✓", fg="green") if good else click.style("✗", fg="red", bold=True)
        self._say(f"\n{mark} {click.style(step.title.zh, bold=True)}\n  {_faint(step.title.en)}")
        if who:
            self._say(f"{_SIDE}{click.style('办理 by', fg='cyan')} {who}")
        for line in happened.lines:
            self.line(line)
        if not good:
            said = f"expected 应为: {step.expected}\n{_SIDE}outcome 实为: {happened.outcome}"
            self._say(_SIDE + click.style(said, fg="red"))

    def heading(self, title: Line) -> None:
        """The beginning of a chapter."""
        self._say(f"\n{click.style(f'== {title.zh}', fg='blue', bold=True)}\n   {_faint(title.en)}")

    def line(self, line: Line) -> None:
        """One line in both languages, on one row where they are the same or there is only one."""
        self._say(f"{_SIDE}{line.zh}")
        if line.en and line.en != line.zh:
            self._say(f"{_SIDE}{_faint(line.en)}")

    def text(self, text: str) -> None:
        """Something to copy, as it is."""
        self._say(text)

    def ending(self) -> None:
        """How the story went."""
        good = sum(step["outcome"] == step["expected"] for step in self.steps)
        colour, seconds = ("green" if self.ok else "red"), self.seconds
        said = f"{good}/{len(self.steps)} 步符合预期，用时 {seconds} 秒 · {good} of {len(self.steps)} steps as expected, {seconds} s"
        self._say("\n" + click.style(said, fg=colour, bold=True))

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return round(time.monotonic() - self.began, 1)

    def report(self) -> dict[str, Any]:
        """The story as one JSON object."""
        return {"ok": self.ok, "steps": self.steps, "seconds": self.seconds}

    def _say(self, text: str) -> None:
        click.echo(text, err=self.to_stderr)


def _faint(text: str) -> str:
    return click.style(text, dim=True)
