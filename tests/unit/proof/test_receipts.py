"""A receipt shows that a record stands in a log, and nothing that was changed in it still does (C2SP tlog-proof)."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import CONSUMER, PROVIDER, event_bytes
from receipts import (
    BODY,
    EVENTS,
    LEAVES,
    LOG,
    NONCE,
    ORIGIN,
    PLAIN,
    RECEIPT,
    SEEN_AT,
    STUBS,
    WITNESSED,
    note,
    proof,
)

from gateway.proof import answers
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import sign_note
from gateway.proof.policy import read_policy
from gateway.proof.proofs import inclusion_proof, root_of
from gateway.proof.receipts import LogProof, check_body, read_proof, verify_receipt, write_proof
from gateway.proof.refusal import Refused
from gateway.proof.stub import stub_of
from gateway.proof.tree import leaf_hash

POLICY = read_policy(WITNESSED)


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        verify_receipt(data, POLICY)
    assert refused.value.detail_zh
    return refused.value.reason


def test_a_receipt_says_what_was_recorded_when_and_who_saw_it() -> None:
    found = verify_receipt(RECEIPT, POLICY)
    assert (found.stub.idx, found.event, found.stub.consumer_org) == (5, EVENTS[5], CONSUMER)
    assert (found.witnessed.checkpoint.origin, found.witnessed.checkpoint.size) == (ORIGIN, 11)
    assert found.witnessed.cosigned == (("tianshui", SEEN_AT),)
    assert found.recorded_at.isoformat() == "2026-09-30T08:00:00.123000+00:00"


@pytest.mark.parametrize("size", [1, 2, 7, 8, 11])
def test_every_record_has_a_receipt_at_every_size(size: int) -> None:
    for index in range(size):
        data = write_proof(proof(index, size))
        assert read_proof(data) == proof(index, size)
        assert verify_receipt(data, POLICY).stub.idx == index


def test_the_file_is_the_one_of_the_specification() -> None:
    lines = RECEIPT.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(STUBS[5] + EVENTS[5]).decode()
    assert lines[2] == "index 5"
    assert lines[3:7] == [base64.b64encode(one).decode() for one in inclusion_proof(LEAVES, 5)]
    assert lines[7:10] == ["", ORIGIN, "11"]


def swapped(one: LogProof) -> LogProof:
    first, second, *rest = one.hashes
    return replace(one, hashes=(second, first, *rest))


FORGED = event_bytes(5, reason="forged")
CHANGES: dict[str, tuple[Callable[[LogProof], LogProof], str]] = {
    "another event": (lambda one: replace(one, extra=STUBS[5] + EVENTS[6]), "event"),
    "another event with its own stub": (
        lambda one: replace(one, extra=stub_of(5, 0, CONSUMER, PROVIDER, 6, 6, FORGED) + FORGED), "root"),
    "another record's stub": (lambda one: replace(one, extra=STUBS[6] + EVENTS[6]), "index"),
    "another place": (lambda one: replace(one, index=6), "index"),
    "a place outside the tree": (
        lambda one: replace(one, index=11, extra=stub_of(11, 0, "", "", 0, 0, b"x") + b"x"), "index"),
    "no extra": (lambda one: replace(one, extra=b""), "stub"),
    "a short stub": (lambda one: replace(one, extra=STUBS[5][:100]), "stub"),
    "another version of the stub": (lambda one: replace(one, extra=b"\x02" + one.extra[1:]), "stub"),
    "a hash too few": (lambda one: replace(one, hashes=one.hashes[:-1]), "length"),
    "a hash too many": (lambda one: replace(one, hashes=(*one.hashes, bytes(32))), "length"),
    "no hashes": (lambda one: replace(one, hashes=()), "length"),
    "hashes swapped": (swapped, "root"),
    "a short hash": (lambda one: replace(one, hashes=(one.hashes[0][:31], *one.hashes[1:])), "hash"),
    "64 hashes": (lambda one: replace(one, hashes=(bytes(32),) * 64), "hash"),
    "the checkpoint of another size": (lambda one: replace(one, note=note(10)), "root"),
    "an unwitnessed checkpoint": (lambda one: replace(one, note=note(cosigned=False)), "quorum"),
    "no checkpoint": (lambda one: replace(one, note=b""), "form"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_refused_with_its_reason(change: str) -> None:
    how, reason = CHANGES[change]
    assert refusal(write_proof(how(proof()))) == reason


def test_a_leaf_that_names_other_departments_than_its_event_is_refused() -> None:
    stub = stub_of(0, 0, PROVIDER, CONSUMER, 1, 1, EVENTS[0])
    leaves = [leaf_hash(stub), *LEAVES[1:]]
    signed = sign_note(Checkpoint(ORIGIN, 11, root_of(leaves)).text, ORIGIN, LOG)
    data = write_proof(LogProof(stub + EVENTS[0], 0, tuple(inclusion_proof(leaves, 0)), signed))
    with pytest.raises(Refused) as refused:
        verify_receipt(data, read_policy(PLAIN))
    assert refused.value.reason == "event"


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.replace(b"@v1", b"@v2"), lambda d: d.replace(b"index 5", b"index 05"), lambda d: d.replace(b"index 5", b"index -5"),
        lambda d: d.replace(b"index 5\n", b""), lambda d: d.replace(b"extra ", b"Extra "), lambda d: d.replace(b"\nextra", b"\n\nextra"),
        lambda d: d.replace(b"\n", b"\r\n"), lambda d: b"\n" + d, lambda d: d[: d.index(b"\n\n")], lambda d: d.replace(b"=\n", b"\n", 2),
        lambda d: d.replace(b"index 5", b"index 5 "), lambda d: d.replace(b"index 5", "index ٥".encode()), lambda _: b"",
        lambda d: d.replace(b"index 5", b"index 9999999999999999999"), lambda d: d + b"x" * 300_000,
        lambda d: d.replace(b"extra ", b"extra  "),
    ],
)  # fmt: skip
def test_another_form_is_refused(edit: Callable[[bytes], bytes]) -> None:
    assert edit(RECEIPT) != RECEIPT
    assert refusal(edit(RECEIPT)) in ("form", "text", "size")


@settings(max_examples=400)
@given(st.integers(0, len(RECEIPT) * 8 - 1))
def test_no_flipped_bit_goes_unnoticed(bit: int) -> None:
    data = bytearray(RECEIPT)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refused):
        verify_receipt(bytes(data), POLICY)


def test_the_body_is_the_one_the_record_commits_to_and_no_other() -> None:
    found = verify_receipt(RECEIPT, POLICY)
    check_body(found, BODY, NONCE)
    for body, nonce in ((BODY + b" ", NONCE), (BODY, NONCE[:15]), (b"", b""), (NONCE + BODY, b"x")):
        with pytest.raises(Refused) as refused:
            check_body(found, body, nonce)
        assert refused.value.reason == "body"
    with pytest.raises(Refused):
        check_body(verify_receipt(write_proof(proof(4)), POLICY), BODY, NONCE)


def test_the_answer_is_for_programs_and_people() -> None:
    told = answers.receipt(RECEIPT, WITNESSED, BODY, NONCE.hex())
    members = json.loads(told.shown(as_json=True))
    assert (members["ok"], members["index"], members["body"]) == (True, 5, True)
    assert members["event"]["type"] == "call.intended"
    assert members["cosigned_by"] == [{"witness": "tianshui", "at": "2026-09-30T09:00:00+00:00"}]
    assert "成立" in told.shown(as_json=False)
    wrong = answers.answered(lambda: answers.receipt(RECEIPT, WITNESSED, BODY, "zz"))
    assert (wrong.ok, wrong.members["reason"]) == (False, "nonce")


def test_bytes_that_are_no_event_have_a_receipt_too() -> None:
    stub = stub_of(0, 0, "", "", 0, 0, b"\xff\x00")
    signed = sign_note(Checkpoint(ORIGIN, 1, leaf_hash(stub)).text, ORIGIN, LOG)
    told = answers.receipt(write_proof(LogProof(stub + b"\xff\x00", 0, (), signed)), PLAIN)
    assert (told.members["event"], told.members["event_hex"]) == (None, "ff00")
    assert "unreadable" in told.shown(as_json=False)
