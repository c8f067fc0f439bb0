"""The stub reads back as it was written, and what no log writes is refused."""

import hashlib

import pytest

from gateway.proof.refusal import Refused
from gateway.proof.stub import STUB_BYTES, Stub, stub_of

CONSUMER, PROVIDER = "11621000MB00000024", "11621000MB00000032"
EVENT = b'{"id":"x"}'


def test_a_stub_reads_back() -> None:
    data = stub_of(7, 1795250000123, CONSUMER, PROVIDER, 3, 5, EVENT)
    found = Stub.read(data)
    assert found == Stub(7, 1795250000123, CONSUMER, PROVIDER, 3, 5, hashlib.sha256(EVENT).digest())
    assert found.is_of(EVENT)
    assert not found.is_of(EVENT + b" ")


def test_an_act_without_departments_has_a_stub_too() -> None:
    found = Stub.read(stub_of(0, 0, "", "", 0, 0, EVENT))
    assert (found.consumer_org, found.provider_org, found.cseq, found.pseq) == ("", "", 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        stub_of(0, 0, "", "", 0, 0, EVENT)[:-1],
        stub_of(0, 0, "", "", 0, 0, EVENT) + b"\0",
        b"\x02" + stub_of(0, 0, "", "", 0, 0, EVENT)[1:],
        stub_of(0, 0, CONSUMER, "", 0, 0, EVENT),
        stub_of(0, 0, "", "", 1, 0, EVENT),
        stub_of(0, 0, "", PROVIDER, 0, 0, EVENT),
        stub_of(0, 0, CONSUMER[:-1], "", 1, 0, EVENT),
        stub_of(0, 0, CONSUMER[:-1] + "\n", "", 1, 0, EVENT),
        stub_of(0, 0, "é" * 9, "", 1, 0, EVENT),
    ],
    ids=[
        "empty", "short", "long", "version", "org-without-number", "number-without-org",
        "provider-without-number", "short-org", "control", "not-ascii",
    ],
)  # fmt: skip
def test_what_no_log_writes_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        Stub.read(data)
    assert refusal.value.reason == "stub"


def test_a_stub_has_101_bytes() -> None:
    assert STUB_BYTES == 101
