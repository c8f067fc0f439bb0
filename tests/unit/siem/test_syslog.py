"""Messages as RFC 5424 has them, and frames as RFC 5425 has them."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from gateway.siem.model import Outgoing
from gateway.siem.syslog import frame, message

ONE = Outgoing(41, UUID(int=1), "call.released", "node-1", 1790755200123, 1, b'{"a":1}')
SHAPE = re.compile(
    rb"<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ((?:\[[!-~]+(?: [!-~]+=\"[^\"]*\")*\])+) (.*)"
)


def test_a_message_has_the_fields_of_the_standard_in_order() -> None:
    found = SHAPE.fullmatch(message(ONE))
    assert found
    priority, at, host, app, process, kind, structured, said = found.groups()
    assert (priority, at, host) == (b"110", b"2026-09-30T08:00:00.123Z", b"node-1")
    assert (app, process, kind) == (b"data-sharing-gateway", b"-", b"call.released")
    assert structured.startswith(b'[meta sequenceId="42"][origin software=')
    assert said == b'{"a":1}'


@pytest.mark.parametrize(("severity", "priority"), [(1, 110), (2, 109), (3, 108), (4, 107), (5, 106)])
def test_the_severity_is_that_of_the_event(severity: int, priority: int) -> None:
    assert message(replace(ONE, severity=severity)).startswith(b"<%d>1 " % priority)


@pytest.mark.parametrize(
    ("node", "shown"), [("甘肃 node", b"node"), ("", b"-"), ("a b\n<1>", b"ab<1>"), ("n" * 300, b"n" * 255)],
    ids=["chinese", "empty", "spaces", "long"],
)  # fmt: skip
def test_a_host_name_cannot_break_the_header(node: str, shown: bytes) -> None:
    found = SHAPE.fullmatch(message(replace(ONE, node=node)))
    assert found
    assert found[3] == shown


def test_the_sequence_starts_again_before_it_leaves_its_range() -> None:
    assert b'sequenceId="2147483647"' in message(replace(ONE, idx=2147483646))
    assert b'sequenceId="1"' in message(replace(ONE, idx=2147483647))


def test_a_frame_has_the_length_in_octets_before_it() -> None:
    said = message(ONE)
    assert frame(said) == str(len(said)).encode() + b" " + said
