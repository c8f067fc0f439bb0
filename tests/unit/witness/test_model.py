"""What a witness refuses before it looks at its memory, and what it makes of a proof (C2SP tlog-witness)."""

import base64

import pytest
from witnessing import ALog

from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import read_note
from gateway.witness.model import Forked, NotCosigned, Submission, judge, verified

LOG = ALog()
HASH = base64.b64encode(bytes(32)).decode()
NOTE = LOG.note(3)


def refused(body: bytes) -> int:
    with pytest.raises(NotCosigned) as refusal:
        verified(Submission.read(body).note, [LOG.signer.key])
    return refusal.value.status


def test_a_submission_is_read_as_it_was_written() -> None:
    read = Submission.read(f"old 7\n{HASH}\n{HASH}\n\n".encode() + NOTE)
    assert (read.old, read.proof, read.note) == (7, (bytes(32), bytes(32)), NOTE)
    assert Submission.read(b"old 0\n\n" + NOTE).proof == ()


@pytest.mark.parametrize(
    "head",
    [
        "", "old", "old 07\n", "old -1\n", "old 1 \n", " old 1\n", "OLD 1\n", "old 9223372036854775808\n", "old 1\r\n",
        "old 1\nnot base64\n", f"old 1\n{HASH[:-1]}\n", f"old 1\n{HASH} \n", f"old 1\n{HASH[:-2]}B=\n",
        "old 1\n" + f"{HASH}\n" * 64, "old 1\nü\n",
    ],
)  # fmt: skip
def test_another_form_is_a_bad_request(head: str) -> None:
    assert refused(head.encode() + b"\n" + NOTE) == 400


def test_a_checkpoint_that_is_none_is_a_bad_request() -> None:
    assert refused(b"old 0\n\nonly text") == 400
    assert refused(b"old 0\n\n" + LOG.signer.sign(f"{LOG.name}\n03\n{HASH}\n")) == 400


def test_a_log_nobody_told_of_is_not_found() -> None:
    other = ALog(name="gateway-audit/other")
    assert refused(b"old 0\n\n" + other.note(3)) == 404


def test_a_note_signed_by_nobody_known_is_forbidden() -> None:
    assert refused(b"old 0\n\n" + ALog(seed=b"x" * 32).note(3)) == 403
    line = NOTE.rpartition(b"\n\n")[2]
    moved = LOG.checkpoint(4).text.encode() + b"\n" + line
    assert refused(b"old 0\n\n" + moved) == 403


def test_lines_of_strangers_are_ignored_and_not_kept() -> None:
    stranger = f"— someone.else {base64.b64encode(bytes(76)).decode()}\n".encode()
    large = f"— post.quantum {base64.b64encode(bytes(2432)).decode()}\n".encode()
    found = verified(NOTE + stranger + large, [LOG.signer.key])
    assert found.note == NOTE
    assert read_note(found.note).text == LOG.checkpoint(3).text


def asked(old: int, size: int, proof: list[bytes] | None = None) -> tuple[Submission, Checkpoint]:
    return Submission.read(LOG.submission(old, size, proof)), LOG.checkpoint(size)


def status(old: int, size: int, latest: Checkpoint | None, proof: list[bytes] | None = None) -> int:
    with pytest.raises(NotCosigned) as refusal:
        judge(*asked(old, size, proof), latest)
    return refusal.value.status


def test_what_only_grew_is_cosigned() -> None:
    judge(*asked(0, 5), None)
    judge(*asked(0, 5), LOG.checkpoint(0))
    for old, size in ((5, 5), (5, 6), (5, 300), (256, 300)):
        judge(*asked(old, size), LOG.checkpoint(old))


def test_every_rule_of_the_protocol_has_its_status() -> None:
    five = LOG.checkpoint(5)
    assert status(6, 5, five) == 400
    assert status(0, 9, five) == 409
    assert status(4, 9, five) == 409
    assert status(5, 9, None) == 409
    assert status(0, 9, None, [bytes(32)]) == 422
    assert status(5, 5, five, [bytes(32)]) == 422
    proof = list(asked(5, 9)[0].proof)
    for wrong in ([], proof[:-1], [*proof, bytes(32)], [*proof[1:], proof[0]], [bytes(32), *proof[1:]]):
        assert status(5, 9, five, wrong) == 422
    assert status(5, 9, Checkpoint(LOG.name, 5, bytes(32)), proof) == 422


def test_the_size_to_go_on_from_is_told() -> None:
    with pytest.raises(NotCosigned) as refusal:
        judge(*asked(0, 9), LOG.checkpoint(5))
    assert refusal.value.latest == 5


def test_two_roots_of_one_size_are_a_fork() -> None:
    with pytest.raises(Forked) as refusal:
        judge(*asked(5, 5), ALog(branch="other").checkpoint(5))
    assert refusal.value.status == 409
