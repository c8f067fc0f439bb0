from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import CONSUMER, a_ledger, event_bytes

from gateway.audit import Head, Record
from gateway.audit.ledger import GENESIS
from gateway.audit.record import columns_of, leaf_of
from gateway.audit.verify import Finding, Problem, Verdict, verify
from gateway.proof.tree import Tree

EVENTS = [event_bytes(number, reason="r") for number in range(20)] + [b"\xff\x00"]
RECORDS, HEADS = a_ledger(EVENTS, split=[1, 4, 10, 16])


def finding(records: list[Record], heads: list[Head] = HEADS) -> Finding:
    outcome = verify(records, heads)
    assert isinstance(outcome, Finding), outcome
    return outcome


def with_record(idx: int, **fields: object) -> list[Record]:
    return [*RECORDS[:idx], RECORDS[idx]._replace(**fields), *RECORDS[idx + 1 :]]


def with_head(place: int, **fields: object) -> list[Head]:
    return [*HEADS[:place], replace(HEADS[place], **fields), *HEADS[place + 1 :]]


def test_an_intact_ledger_has_the_root_of_its_last_head() -> None:
    assert verify(RECORDS, HEADS) == Verdict(21, HEADS[-1].root)


def test_an_empty_ledger_is_intact() -> None:
    assert verify([], [GENESIS]) == Verdict(0, GENESIS.root)


@settings(max_examples=300)
@given(st.integers(0, 20), st.data())
def test_any_flipped_bit_of_an_event_names_its_record(idx: int, data: st.DataObject) -> None:
    event = bytearray(RECORDS[idx].event)
    event[data.draw(st.integers(0, len(event) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    found = finding(with_record(idx, event=bytes(event)))
    assert (found.idx, found.event_id) == (idx, RECORDS[idx].columns.event_id)
    assert found.problem in (Problem.COLUMN_DIFFERS, Problem.LEAF_DIFFERS)


@pytest.mark.parametrize("name", RECORDS[0].columns._fields)
def test_a_changed_column_is_found_although_no_hash_covers_it(name: str) -> None:
    other = RECORDS[7].columns._replace(**{name: "changed"})
    found = finding(with_record(7, columns=other))
    assert (found.problem, found.idx, found.what, found.found) == (Problem.COLUMN_DIFFERS, 7, name, "changed")


@pytest.mark.parametrize(
    ("fields", "problem", "what"),
    [
        ({"leaf_hash": bytes(32)}, Problem.LEAF_DIFFERS, "leaf_hash"),
        ({"cseq": 9}, Problem.COUNTER_GAP, "cseq"),
        ({"pseq": 7}, Problem.COUNTER_GAP, "pseq"),
        (
            {"recorded_at": RECORDS[7].recorded_at + timedelta(milliseconds=1)},
            Problem.LEAF_DIFFERS,
            "leaf_hash",
        ),
        (
            {"recorded_at": RECORDS[7].recorded_at - timedelta(milliseconds=1)},
            Problem.TIME_FALLS,
            "recorded_at",
        ),
        (
            {"recorded_at": RECORDS[7].recorded_at + timedelta(microseconds=1)},
            Problem.COLUMN_DIFFERS,
            "recorded_at",
        ),
    ],
)
def test_a_changed_place_is_found(fields: dict[str, object], problem: Problem, what: str) -> None:
    found = finding(with_record(7, **fields))
    assert (found.problem, found.idx, found.what) == (problem, 7, what)


@pytest.mark.parametrize("idx", range(20))
def test_a_deleted_row_is_named(idx: int) -> None:
    found = finding([*RECORDS[:idx], *RECORDS[idx + 1 :]])
    assert (found.problem, found.idx) == (Problem.RECORD_MISSING, idx)


def test_swapped_rows_are_found_where_they_stand() -> None:
    order = [*RECORDS[:5], RECORDS[6], RECORDS[5], *RECORDS[7:]]
    assert (finding(order).problem, finding(order).idx) == (Problem.RECORD_MISSING, 5)
    renumbered = [
        *RECORDS[:5],
        RECORDS[6]._replace(idx=5, cseq=6, pseq=6),
        RECORDS[5]._replace(idx=6, cseq=7, pseq=7),
        *RECORDS[7:],
    ]
    assert (finding(renumbered).problem, finding(renumbered).idx) == (Problem.LEAF_DIFFERS, 5)


def test_an_inserted_row_is_named() -> None:
    twice = [*RECORDS[:6], RECORDS[5], *RECORDS[6:]]
    assert (finding(twice).problem, finding(twice).idx) == (Problem.RECORD_EXTRA, 5)
    beyond = RECORDS[:10] + [
        record._replace(idx=record.idx + 1) for record in (RECORDS[9]._replace(idx=9), *RECORDS[10:])
    ]
    assert (finding(beyond).problem, finding(beyond).idx) == (Problem.COUNTER_GAP, 10)


def forged(idx: int) -> list[Record]:
    """A record whose event was changed and whose leaf was made anew."""
    old = RECORDS[idx]
    event = old.event.replace(b',"r",', b',"x",', 1)
    columns = columns_of(event)
    leaf = leaf_of(idx, old.recorded_at, columns, old.cseq, old.pseq, event)
    return with_record(idx, event=event, columns=columns, leaf_hash=leaf)


@pytest.mark.parametrize(("idx", "first", "last"), [(0, 0, 0), (2, 1, 3), (9, 4, 9), (19, 16, 20)])
def test_a_forged_record_with_a_new_leaf_is_caught_by_the_next_head(idx: int, first: int, last: int) -> None:
    found = finding(forged(idx))
    assert (found.problem, found.idx, found.last_idx, found.what) == (
        Problem.ROOT_DIFFERS, first, last, "root",
    )  # fmt: skip


@pytest.mark.parametrize("kept", [0, 3, 15, 20])
def test_a_cut_tail_is_found_while_its_head_stands(kept: int) -> None:
    found = finding(RECORDS[:kept])
    assert (found.problem, found.idx) == (Problem.RECORD_MISSING, kept)


def test_records_no_head_covers_are_found() -> None:
    found = finding(RECORDS, HEADS[:-1])
    assert (found.problem, found.idx) == (Problem.HEAD_MISSING, 16)


def test_a_ledger_without_any_head_is_not_intact() -> None:
    assert finding([], []).problem is Problem.HEAD_MISSING


@pytest.mark.parametrize(
    ("heads", "problem", "idx", "what"),
    [
        (with_head(2, root=bytes(32)), Problem.ROOT_DIFFERS, 1, "root"),
        (with_head(2, frontier=bytes(32)), Problem.ROOT_DIFFERS, 1, "frontier"),
        (
            with_head(2, recorded_at=HEADS[2].recorded_at + timedelta(days=1)),
            Problem.ROOT_DIFFERS,
            1,
            "recorded_at",
        ),
        (with_head(2, prev_size=0), Problem.HEAD_BROKEN, 1, "prev_size"),
        ([*HEADS[:2], *HEADS[3:]], Problem.HEAD_BROKEN, 1, "prev_size"),
        ([*HEADS[:3], HEADS[2], *HEADS[3:]], Problem.HEAD_BROKEN, 4, "prev_size"),
        (HEADS[1:], Problem.HEAD_BROKEN, 0, "the first head is not that of an empty tree"),
        (with_head(0, root=bytes(32)), Problem.HEAD_BROKEN, 0, "the first head is not that of an empty tree"),
    ],
)
def test_a_wrong_head_is_found(heads: list[Head], problem: Problem, idx: int, what: str) -> None:
    found = finding(RECORDS, heads)
    assert (found.problem, found.idx, found.what) == (problem, idx, what)


def test_a_whole_rebuilt_history_needs_the_old_root_to_be_found() -> None:
    """What a ledger alone cannot show: the reason the head is also kept elsewhere."""
    other, heads = a_ledger([event_bytes(number, reason="x") for number in range(21)])
    assert isinstance(verify(other, heads), Verdict)
    assert heads[-1].root != HEADS[-1].root


def test_an_unreadable_event_is_part_of_an_intact_ledger() -> None:
    assert RECORDS[20].columns.type == "event.unreadable"
    assert RECORDS[20].content() == {"unreadable": "ff00"}


@pytest.mark.parametrize("changing", [lambda r: r._replace(cseq=1), lambda r: r._replace(pseq=1)])
def test_a_record_without_department_has_no_number(changing: Callable[[Record], Record]) -> None:
    records, heads = a_ledger([event_bytes(consumer_org="", provider_org="")])
    assert finding([changing(records[0])], heads).problem is Problem.COUNTER_GAP


def test_the_tree_is_rebuilt_from_bytes_and_not_from_stored_leaves() -> None:
    tree = Tree()
    for record in RECORDS:
        tree.append(record.leaf_hash)
    assert tree.root() == HEADS[-1].root
    assert isinstance(verify(with_record(3, event=event_bytes(3, consumer_org=CONSUMER)), HEADS), Finding)
    assert RECORDS[3].columns.event_id == UUID(int=4)
