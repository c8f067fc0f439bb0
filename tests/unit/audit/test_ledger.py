from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from ledgers import CONSUMER, NOW, PROVIDER, a_ledger, event_bytes

from gateway.audit.ledger import GENESIS, Reading, Side, grow
from gateway.audit.record import whole_milliseconds
from gateway.audit.verify import Verdict, verify

ORGS = ("", CONSUMER, PROVIDER)
EVENTS = [
    event_bytes(number, consumer_org=ORGS[number % 3], provider_org=ORGS[number // 3 % 3])
    for number in range(40)
] + [b"unreadable"]


def readings(*events: bytes) -> list[Reading]:
    return [Reading.of(event) for event in events]


def test_indices_and_counters_are_dense() -> None:
    records, _ = a_ledger(EVENTS)
    assert [record.idx for record in records] == list(range(len(EVENTS)))
    for name, side in (("consumer_org", "cseq"), ("provider_org", "pseq")):
        for org in ORGS:
            numbers = [
                getattr(record, side) for record in records if (getattr(record.columns, name) or "") == org
            ]
            assert numbers == ([0] * len(numbers) if org == "" else list(range(1, len(numbers) + 1)))


def test_a_department_counts_apart_as_consumer_and_as_provider() -> None:
    growth = grow(GENESIS, {}, readings(event_bytes(consumer_org=CONSUMER, provider_org=CONSUMER)), NOW)
    assert growth.counters == {(Side.CONSUMER, CONSUMER): 1, (Side.PROVIDER, CONSUMER): 1}


@given(st.sets(st.integers(1, len(EVENTS) - 1)))
def test_how_events_are_split_into_passes_changes_nothing(split: set[int]) -> None:
    records, heads = a_ledger(EVENTS, split=split)
    whole, ends = a_ledger(EVENTS)
    assert records == whole
    assert heads[-1].root == ends[-1].root
    assert verify(records, heads) == Verdict(len(EVENTS), ends[-1].root)


def test_the_time_never_falls_when_the_clock_does() -> None:
    first = grow(GENESIS, {}, readings(event_bytes(0)), NOW)
    second = grow(first.head, first.counters, readings(event_bytes(1)), NOW - timedelta(hours=1))
    assert second.records[0].recorded_at == first.records[0].recorded_at == whole_milliseconds(NOW)
    assert second.head.recorded_at == whole_milliseconds(NOW)


def test_a_head_names_the_head_it_follows() -> None:
    _, heads = a_ledger(EVENTS, split=[3, 9])
    assert [(head.prev_size, head.size) for head in heads] == [(None, 0), (0, 3), (3, 9), (9, 41)]
