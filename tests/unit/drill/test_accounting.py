"""What the drill counts: every kind of broken promise is seen, and an honest run is clean."""

import json
from collections import Counter
from pathlib import Path

from gateway.drill.accounting import Log, accounted
from gateway.drill.callers import Outcome

ALL = ("call.intended", "call.released")


def log(**kinds: tuple[str, ...]) -> Log:
    return Log({"e1"}, {name: Counter(found) for name, found in kinds.items()})


def answer(request_id: str = "r1", *, whole: bool = True, **record: str) -> Outcome:
    body = json.dumps({"records": [record or {"uscc": "x"}]}, ensure_ascii=False).encode()
    return Outcome(200, request_id, "e1", body, whole)


def row(*outcomes: Outcome, log: Log, asked: tuple[str, ...] = (), quota: int | None = None):
    return accounted("x", outcomes, asked, {one.receipt_id for one in outcomes if one.receipt_id}, log, quota)


def test_an_answer_with_both_its_records_is_clean() -> None:
    found = row(answer(), log=log(r1=ALL), asked=("r1",))
    assert found.is_clean
    assert (found.calls, found.released, found.open) == (1, 1, 0)


def test_an_answer_without_a_record_of_its_release_is_unaudited_whole_or_broken() -> None:
    for whole in (True, False):
        assert row(answer(whole=whole), log=log(r1=("call.intended",))).unaudited == 1


def test_a_question_to_the_provider_without_a_record_of_intent_is_unaudited() -> None:
    assert row(log=log(), asked=("r2",)).unaudited == 1
    assert row(log=log(r2=("call.intended", "call.failed")), asked=("r2",)).is_clean


def test_a_receipt_whose_record_is_gone_is_lost() -> None:
    assert row(answer(), log=Log(set(), log(r1=ALL).kinds)).lost == 1


def test_answers_beyond_the_quota_are_counted() -> None:
    two = row(answer("r1"), answer("r2"), log=log(r1=ALL, r2=ALL), quota=1)
    assert two.over_quota == 1
    assert not two.is_clean


def test_a_field_outside_the_grant_and_an_unmasked_value_are_leaks() -> None:
    assert row(answer(id_number="1"), log=log(r1=ALL)).leaked == 1
    assert row(answer(phone="13812348000"), log=log(r1=ALL)).leaked == 1
    assert row(answer(phone="138****8000"), log=log(r1=ALL)).is_clean
    refusal = Outcome(502, "r1", body="西峰区示例路一号".encode(), whole=True)
    assert row(refusal, log=log(r1=("call.intended", "call.failed"))).leaked == 1


def test_two_endings_are_one_too_many_but_a_doubt_beside_a_release_is_not() -> None:
    assert row(answer(), log=log(r1=(*ALL, "call.failed"))).doubled == 1
    assert row(answer(), log=log(r1=(*ALL, "call.delivered"))).is_clean


def test_an_intent_without_an_ending_is_open() -> None:
    assert row(log=log(r1=("call.intended",)), asked=("r1",)).open == 1


def test_the_log_is_read_from_a_dump(tmp_path: Path) -> None:
    lines = [{"format": "gateway-audit-dump"}]
    lines += [{"record": {"event_id": name, "request_id": "r1", "type": kind}} for name, kind in zip("ab", ALL, strict=True)]  # type: ignore[dict-item]  # records and heads differ  # fmt: skip
    (tmp_path / "dump").write_text("\n".join(json.dumps(line) for line in lines))
    found = Log.read(tmp_path / "dump")
    assert found.events == {"a", "b"}
    assert found.has("r1", "call.released")
    assert found.calls == 2
