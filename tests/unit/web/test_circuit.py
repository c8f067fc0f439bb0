"""When a department's system is not asked, and when a question is put again."""

import pytest

from gateway.web.circuit import Circuit, Retries
from gateway.web.upstream import UpstreamResting


def opened(failures: int = 3, seconds: float = 5) -> Circuit:
    made = Circuit(failures, seconds)
    for _ in range(failures):
        made.enter(0)
        made.failed(0)
    return made


def test_failures_in_a_row_open_it_and_an_answer_between_begins_the_row_anew() -> None:
    one = Circuit(3, 5)
    for outcome in "ffaff":
        one.enter(0)
        one.failed(0) if outcome == "f" else one.answered()
    assert not one.is_open
    one.failed(0)
    assert one.is_open
    with pytest.raises(UpstreamResting) as refused:
        one.enter(1)
    assert refused.value.extra["retry_after_seconds"] == 4


def test_one_question_at_a_time_tries_it_and_an_answer_closes_it() -> None:
    one = opened()
    with pytest.raises(UpstreamResting):
        one.enter(4.9)
    one.enter(5)
    with pytest.raises(UpstreamResting):
        one.enter(5)
    one.answered()
    one.enter(5)
    one.enter(5)
    assert not one.is_open


def test_a_trial_that_fails_leaves_it_in_peace_twice_as_long_up_to_a_minute() -> None:
    one, now = opened(), 5.0
    for seconds in (10, 20, 40, 60, 60):
        one.enter(now)
        one.failed(now)
        with pytest.raises(UpstreamResting):
            one.enter(now + seconds - 0.1)
        now += seconds
    one.enter(now)
    one.answered()
    for _ in range(3):
        one.enter(now)
        one.failed(now)
    one.enter(now + 5)


def test_a_trial_that_its_caller_gave_up_lets_the_next_one_try() -> None:
    one = opened()
    one.enter(5)
    one.left()
    one.enter(5)


def test_questions_in_flight_when_it_opens_do_not_prolong_it() -> None:
    one = opened()
    one.failed(4)
    one.enter(5)


def test_at_most_one_in_ten_questions_is_put_again() -> None:
    one, again = Retries(), 0
    for _ in range(1000):
        one.asked()
        again += one.take()
    assert again in (100, 101)


def test_what_was_saved_in_good_times_is_bounded() -> None:
    one = Retries()
    for _ in range(1000):
        one.asked()
    assert sum(one.take() for _ in range(100)) == 10
