"""Stamps made to break the examination: never a traceback, and nothing but the very stamp is valid."""

from datetime import timedelta
from functools import cache
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sealing import DOCUMENT, NOW, seal_world

from gateway.audit import Cause
from gateway.names import OrgCode
from gateway.sealing.examination import Question, _mark, _stamp
from gateway.sealing.model import RegisteredSeal, SealStatus, StatusChange
from gateway.seals.model import Version
from gateway.seals.recognition import Sources
from gateway.seals.report import Verdict
from gateway.seals.verification import sm3

W = seal_world("sm2")
ORG = OrgCode("11621000MB00000024")


@cache
def genuine(version: Version) -> tuple[bytes, RegisteredSeal, bytes]:
    seal = W.seal(version)
    first = StatusChange(1, SealStatus.IN_FORCE, NOW - timedelta(days=99), "…", "a", NOW, UUID(int=1))
    wish = W.seal_wish(version)
    registered = RegisteredSeal(
        UUID(int=7), wish.es_id, wish.vid, ORG, wish.name, version.value, "m", (sm3(W.signer.der),), b"", NOW, wish.start,
        wish.end, SealStatus.IN_FORCE, (first,), "a", NOW, Cause(UUID(int=1), bytes(32)),
    )  # fmt: skip
    return W.stamp(version, seal), registered, seal


def verdict(raw: bytes, version: Version, document: bytes = DOCUMENT) -> Verdict:
    _, registered, seal = genuine(version)
    question = Question(raw, document, ORG, registered, seal, NOW - timedelta(days=2), NOW, Sources())
    return _stamp(question, W.trust(), NOW).report.verdict


def test_the_genuine_stamp_is_valid_in_every_version() -> None:
    assert {version: verdict(genuine(version)[0], version) for version in Version} == dict.fromkeys(
        Version, "valid"
    )


@settings(max_examples=150, derandomize=True)
@given(st.sampled_from(list(Version)), st.data())
def test_no_changed_stamp_is_valid_and_none_breaks_the_examination(
    version: Version, data: st.DataObject
) -> None:
    raw = genuine(version)[0]
    place = data.draw(st.integers(0, len(raw) - 1))
    cut = data.draw(st.integers(0, 8))
    put_in = data.draw(st.binary(max_size=8))
    changed = raw[:place] + put_in + raw[place + cut :]
    _mark(changed)
    assert changed == raw or verdict(changed, version) != "valid"


@settings(max_examples=150, derandomize=True)
@given(st.binary(max_size=300))
def test_whatever_is_sent_gets_a_verdict(raw: bytes) -> None:
    _mark(raw)
    assert verdict(raw, Version.V4) == "invalid"


def test_another_document_or_a_seal_nobody_registered_is_not_valid() -> None:
    raw = genuine(Version.V4)[0]
    assert verdict(raw, Version.V4, DOCUMENT + b" ") == "invalid"
    unknown = Question(raw, DOCUMENT, ORG, None, None, NOW - timedelta(days=2), NOW, Sources())
    assert _stamp(unknown, W.trust(), NOW).report.verdict == "indeterminate"
    assert len(_stamp(unknown, W.trust(), NOW).evidence) == 2
