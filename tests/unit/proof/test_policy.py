"""Whom to believe, by C2SP tlog-policy."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from receipts import LOG, LOG_KEY, ORIGIN, PLAIN, SEEN_AT, WITNESS_KEY, WITNESSED, note

from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import COSIGNATURE, ED25519, NoteKey, cosigned_note, sign_note
from gateway.proof.policy import read_policy
from gateway.proof.refusal import Refused

OTHERS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 7)]
KEYS = {
    f"{side}{number % 3 + 1}": NoteKey(f"w{number}.example", COSIGNATURE, one.public_key().public_bytes_raw())
    for number, one in enumerate(OTHERS)
    for side in ("X" if number < 3 else "Y",)
}
TWO_LEVELS = "\n".join(
    [
        f"# the example of the specification\n\n log\t{LOG_KEY}  https://log.example/v1/audit/log",
        *(f"witness {name} {key}" for name, key in KEYS.items()),
        "group X-witnesses 2 X1 X2 X3", "group Y-witnesses any Y1 Y2 Y3", "group 都要 all X-witnesses Y-witnesses",
        "quorum 都要", "",
    ]
).encode()  # fmt: skip


def cosigned(*names: str) -> bytes:
    signed = note(cosigned=False)
    for name in names:
        signed = cosigned_note(signed, KEYS[name].name, OTHERS[list(KEYS).index(name)], SEEN_AT)
    return signed


def test_a_log_alone_is_believed_where_no_witness_is_asked_for() -> None:
    found = read_policy(PLAIN).check(note())
    assert (found.checkpoint.origin, found.log, found.cosigned) == (ORIGIN, LOG_KEY, ())


def test_a_witness_that_is_asked_for_must_have_cosigned() -> None:
    assert read_policy(WITNESSED).check(note()).cosigned == (("tianshui", SEEN_AT),)
    with pytest.raises(Refused) as refused:
        read_policy(WITNESSED).check(note(cosigned=False))
    assert refused.value.reason == "quorum"


@pytest.mark.parametrize("names", [("X1", "X2", "Y1"), ("X1", "X3", "Y3"), tuple(KEYS)])
def test_groups_of_groups_are_met(names: tuple[str, ...]) -> None:
    assert {name for name, _ in read_policy(TWO_LEVELS).check(cosigned(*names)).cosigned} == set(names)


@pytest.mark.parametrize("names", [(), ("X1", "X2"), ("X1", "Y1", "Y2"), ("Y1",), ("X1", "X2", "X3")])
def test_groups_of_groups_are_not_met(names: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        read_policy(TWO_LEVELS).check(cosigned(*names))
    assert refused.value.reason == "quorum"


def other_origin() -> bytes:
    return sign_note(Checkpoint("log.example", 1, bytes(32)).text, "log.example", LOG)


def foreign_key() -> bytes:
    return note(cosigned=False, private=OTHERS[0])


def changed_root() -> bytes:
    return note().replace(b"\n11\n", b"\n10\n", 1)


def forged_witness() -> bytes:
    good, forged = note(), cosigned_note(note(cosigned=False), WITNESS_KEY.name, OTHERS[0], SEEN_AT)
    theirs, ours = good.splitlines()[-1].split(b" ")[2], forged.splitlines()[-1].split(b" ")[2]
    assert theirs != ours
    # the witness's own key id over somebody else's signature
    raw = base64.b64decode(theirs)[:4] + base64.b64decode(ours)[4:]
    return good.replace(theirs, base64.b64encode(raw))


@pytest.mark.parametrize(
    ("make", "reason"),
    [(other_origin, "origin"), (foreign_key, "unsigned"), (changed_root, "signature"), (forged_witness, "signature")],
)  # fmt: skip
def test_what_no_log_of_the_policy_signed_is_refused(make: object, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_policy(WITNESSED).check(make())  # type: ignore[operator]
    assert refused.value.reason == reason


LOG_LINE, WITNESS_LINE = f"log {LOG_KEY}\n", f"witness w {WITNESS_KEY}\n"
SAME_KEY = NoteKey("other.example", COSIGNATURE, WITNESS_KEY.public)


@pytest.mark.parametrize(
    "text",
    [
        "", LOG_LINE, f"{LOG_LINE}quorum none\nquorum none\n", f"{LOG_LINE}quorum w\n", f"{LOG_LINE}quorum\n",
        f"{LOG_LINE}{LOG_LINE}quorum none\n", f"log {WITNESS_KEY}\nquorum none\n", f"witness w {LOG_KEY}\nquorum w\n",
        f"{WITNESS_LINE}{WITNESS_LINE}quorum w\n", f"{WITNESS_LINE}witness v {SAME_KEY}\nquorum w\n",
        f"witness none {WITNESS_KEY}\nquorum none\n", f"quorum w\n{WITNESS_LINE}", f"{WITNESS_LINE}group g 2 w\nquorum g\n",
        f"{WITNESS_LINE}group g 0 w\nquorum g\n", f"{WITNESS_LINE}group g 01 w\nquorum g\n",
        f"{WITNESS_LINE}group g all\nquorum g\n", f"{WITNESS_LINE}group g all w none\nquorum g\n",
        f"{WITNESS_LINE}group g all w w\nquorum g\n", f"{WITNESS_LINE}group g all w\ngroup h all w\nquorum g\n",
        f"{WITNESS_LINE}group w all w\nquorum w\n", f"{LOG_LINE}quorum none\r\n", f"{LOG_LINE}trust all\nquorum none\n",
        f"{LOG_LINE}quorum none\n\x0c", f"log {LOG_KEY} a b\nquorum none\n", "log x+y+z\nquorum none\n",
        f"{LOG_LINE}quorum none\n#{'x' * 70_000}\n", f"{WITNESS_LINE}group g ١ w\nquorum g\n",
    ],
)  # fmt: skip
def test_a_policy_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_policy(text.encode())
    assert refused.value.reason == "policy"
    assert refused.value.detail_zh


def test_a_policy_without_logs_believes_nobody() -> None:
    with pytest.raises(Refused) as refused:
        read_policy(b"quorum none\n").check(note())
    assert refused.value.reason == "origin"


def test_names_are_opaque_bytes() -> None:
    raw = (
        f"log {LOG_KEY}\nwitness ".encode()
        + b"\xff\xfe"
        + f" {WITNESS_KEY}\nquorum ".encode()
        + b"\xff\xfe\n"
    )
    assert len(read_policy(raw).check(note()).cosigned) == 1
    assert LOG_KEY.algorithm == ED25519
