"""What counts as walking through numbers, and what is ordinary work."""

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.exchange.sequences import Sequences
from gateway.settings import Exchange


def steps(*values: str, apart: int = 2, seconds: float = 0.0, least: int = 3) -> list[int]:
    """What each call of one grant was found to be."""
    limits = Exchange(sequence_steps_min=least, sequence_apart_max=apart, sequence_seconds=60)
    nobody: Any = None
    sequences = Sequences(nobody, limits)
    key: Any = ("grant", "parameter")
    return [sequences._stepped(key, value, at * seconds) for at, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["1000", "1001", "1002", "1003"], [0, 0, 0, 3]),
        (["1003", "1002", "1001", "1000"], [0, 0, 0, 3]),
        (["1000", "1002", "1004", "1006"], [0, 0, 0, 3]),
        (["1000", "1030", "1060", "1090"], [0, 0, 0, 0]),
        (["1000", "1001", "1001", "1002", "1003"], [0, 0, 0, 0, 3]),
        (["1000", "1001", "5000", "5001", "5002"], [0, 0, 0, 0, 0]),
        # what differs after the check sign is taken away is a step too
        (["11621000MB00000011", "11621000MB00000024", "11621000MB00000037", "11621000MB0000004A"], [0, 0, 0, 3]),
        (["620000000000000018", "110105194912310025", "440524188001010014", "620000000000000026"], [0, 0, 0, 0]),
        (["张三", "李四", "1", "甲1", "x" * 31], [0, 0, 0, 0, 0]),
    ],
    ids=lambda value: ",".join(map(str, value))[:40],
)  # fmt: skip
def test_neighbouring_numbers_one_after_the_other_are_steps(values: list[str], found: list[int]) -> None:
    assert steps(*values) == found


def test_steps_count_only_within_their_time() -> None:
    assert steps("1000", "1001", "1002", "1003", seconds=20.0) == [0, 0, 0, 3]
    assert steps("1000", "1001", "1002", "1003", seconds=20.1) == [0, 0, 0, 0]


def test_what_was_noticed_begins_anew() -> None:
    assert steps(*(str(1000 + n) for n in range(9)), least=3) == [0, 0, 0, 3, 0, 0, 0, 3, 0]


def test_only_what_names_a_subject_is_looked_at() -> None:
    nobody: Any = None
    sequences = Sequences(nobody, Exchange(sequence_steps_min=2))
    plan: Any = SimpleNamespace(grant=SimpleNamespace(id="g"), subjects=())
    for n in range(10):
        sequences.notice(plan, {"number": str(1000 + n)}, 0.0)
    assert sequences._untold.empty()
    assert not sequences._walks
