"""Every way a seal or stamp can be wrong, in every version: never valid, and the right step says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing import DAY, DOCUMENT, NOW, PATH, SealWorld, new_key, seal_world, wish

from gateway.seals.authority import certify
from gateway.seals.making import stamp
from gateway.seals.model import Version
from gateway.seals.reading import FormatRefused, read, read_seal
from gateway.seals.report import Report
from gateway.seals.verification import Outside, Trust, verify

VERSIONS = list(Version)
W = seal_world("sm2")
ALL = Outside(document=DOCUMENT)


def results(report: Report) -> dict[str, str]:
    return {step.step: step.result for step in report.steps}


def failed(report: Report) -> dict[str, str]:
    return {step.step: step.code for step in report.steps if step.result in ("fail", "unknown")}


def check(raw: bytes, trust: Trust | None = None, now: datetime = NOW, outside: Outside = ALL) -> Report:
    return verify(raw, trust or W.trust(), now, outside)


@pytest.mark.parametrize("kind", ["sm2", "rsa", "p256"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_stamp_of_every_version_and_key_is_valid(version: Version, kind: str) -> None:
    world = seal_world(kind)
    report = check(world.stamp(version), world.trust())
    assert report.verdict == "valid", failed(report)
    assert [step.step for step in report.steps] == [f"S{number}" for number in range(18)]
    assert report.codes == ("TIME_NOT_PROVEN",)
    assert report.holder is not None
    assert report.holder.name == "庆阳市大数据局"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_seal_is_valid_and_its_stamp_steps_are_skipped(version: Version) -> None:
    report = check(W.seal(version))
    assert report.verdict == "valid"
    assert results(report)["S3"] == "skipped"


@pytest.mark.parametrize("version", [Version.V4, Version.V5])
def test_a_seal_may_list_digests(version: Version) -> None:
    assert check(W.stamp(version, W.seal(version, by_digest=True))).verdict == "valid"


OTHER = certify(wish("张掖市大数据局"), new_key("sm2"), W.root)
EXPIRED = certify(replace(wish("庆阳市大数据局"), end=NOW - 2 * DAY), new_key("sm2"), W.root)
EXPIRED_SINCE = certify(replace(wish("庆阳市大数据局"), end=NOW - timedelta(hours=1)), new_key("sm2"), W.root)
STRANGER_ROOT = certify(wish("陌生根", is_ca=True), new_key("sm2"))
STRANGER = certify(wish("庆阳市大数据局"), new_key("sm2"), STRANGER_ROOT)
CA_LEAF = certify(wish("庆阳市大数据局", is_ca=True), new_key("sm2"), W.root)
NO_USAGE = certify(wish("庆阳市大数据局", usage=None), new_key("sm2"), W.root)
ENCIPHER = certify(wish("庆阳市大数据局", usage=frozenset({"key_encipherment"})), new_key("sm2"), W.root)
CERT_SIGNER = certify(
    wish("庆阳市大数据局", usage=frozenset({"digital_signature", "key_cert_sign"})), new_key("sm2"), W.root
)
CRITICAL = certify(wish("庆阳市大数据局", extensions=(("1.2.3.4", True, b"\5\0"),)), new_key("sm2"), W.root)
TWICE = certify(
    wish("庆阳市大数据局", extensions=(("1.2.3.4", False, b"\5\0"), ("1.2.3.4", False, b"\5\0"))),
    new_key("sm2"),
    W.root,
)


def by(signer: object) -> Callable[[Version], bytes]:
    """A stamp by another signer, whom the seal lists."""
    return lambda v: W.stamp(v, W.seal(v, signers=(signer.der,)), signer)  # type: ignore[attr-defined]


BROKEN: dict[str, tuple[Callable[[Version], bytes], str, str]] = {
    "a signer whom the seal does not list": (lambda v: W.stamp(v, signer=OTHER), "S7", "SIGNER_NOT_LISTED"),
    "signer and maker swapped": (
        lambda v: W.stamp(v, W.seal(v, W.signer, signers=(W.maker.der,)), W.maker),
        "S12",
        "NO_ANCHOR",
    ),
    "another document": (lambda v: W.stamp(v, document=b"other"), "S8", "DATA_HASH"),
    "a signer expired at the time": (by(EXPIRED), "S5", "OUTSIDE_VALIDITY"),
    "a signer of an unknown authority": (by(STRANGER), "S5", "NO_ANCHOR"),
    "a certification authority as signer": (by(CA_LEAF), "S5", "LEAF_IS_CA"),
    "a signer without key usage": (by(NO_USAGE), "S5", "KEY_USAGE"),
    "a signer for encryption": (by(ENCIPHER), "S5", "KEY_USAGE"),
    "a signer that may sign certificates": (by(CERT_SIGNER), "S5", "LEAF_IS_CA"),
    "a signer with an unknown critical extension": (by(CRITICAL), "S5", "CERTIFICATE_FORMAT"),
    "a signer with a repeated extension": (by(TWICE), "S5", "CERTIFICATE_FORMAT"),
    "a seal that begins later": (
        lambda v: W.stamp(v, W.seal(v, start=NOW + DAY)), "S14", "OUTSIDE_SEAL_PERIOD",
    ),
    "a seal that ended before": (
        lambda v: W.stamp(v, W.seal(v, end=NOW - 2 * DAY)), "S14", "OUTSIDE_SEAL_PERIOD",
    ),
    "a stamp of tomorrow": (lambda v: W.stamp(v, at=NOW + timedelta(minutes=6)), "S4", "TIME_IN_FUTURE"),
    "a critical extension of the seal": (
        lambda v: W.stamp(v, W.seal(v, extensions=(("1.2.3.4", True, b""),))), "S1", "CRITICAL_EXTENSION",
    ),
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_stamp_is_never_valid_and_the_right_step_says_why(name: str, version: Version) -> None:
    make, step, code = BROKEN[name]
    report = check(make(version))
    assert report.verdict != "valid"
    assert failed(report)[step] == code
    assert len(report.steps) == 18


@pytest.mark.parametrize("version", VERSIONS)
def test_one_changed_byte_of_a_stamp_is_never_valid(version: Version) -> None:
    raw = W.stamp(version)
    for place in range(0, len(raw), 13):
        changed = raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :]
        assert check(changed).verdict != "valid", place


@pytest.mark.parametrize("version", VERSIONS)
def test_without_the_document_nobody_says_valid(version: Version) -> None:
    report = check(W.stamp(version), outside=Outside())
    assert report.verdict == "indeterminate"
    assert failed(report) == {"S8": "NO_DOCUMENT"}


def test_without_anchors_lists_or_engine_the_answer_is_indeterminate() -> None:
    raw, trust = W.stamp(Version.V4), W.trust()
    assert failed(check(raw, replace(trust, lists=()))) == {
        "S6": "NO_REVOCATION_INFO",
        "S13": "NO_REVOCATION_INFO",
    }
    assert failed(check(raw, replace(trust, signers=Trust().signers)))["S5"] == "NO_ANCHOR"
    assert failed(check(raw, replace(trust, makers=Trust().makers)))["S12"] == "NO_ANCHOR"
    without = check(raw, replace(trust, sm2=None))
    assert failed(without)["S3"] == "SM2_UNAVAILABLE"
    for changed in (
        replace(trust, lists=()),
        replace(trust, signers=Trust().signers),
        replace(trust, sm2=None),
    ):
        assert check(raw, changed).verdict == "indeterminate"


def test_what_expired_after_the_signature_stays_valid_and_says_so() -> None:
    raw = W.stamp(Version.V4, W.seal(Version.V4, signers=(EXPIRED_SINCE.der,)), EXPIRED_SINCE)
    report = check(raw)
    assert report.verdict == "valid"
    assert "SINCE_EXPIRED" in report.codes
    ended = check(W.stamp(Version.V4, W.seal(Version.V4, end=NOW - timedelta(hours=1))))
    assert ended.verdict == "valid"
    assert "SINCE_EXPIRED" in ended.codes


def revoked(when: datetime, now: datetime = NOW) -> Report:
    lists = (W.crl((W.signer, when)), W.crl(root=W.maker_root))
    return check(W.stamp(Version.V4), W.trust(*lists), now)


def test_the_table_of_time_and_revocation() -> None:
    signed = NOW - DAY
    assert failed(revoked(signed - DAY)) == {"S6": "REVOKED"}
    assert failed(revoked(signed)) == {"S6": "REVOKED"}
    assert failed(revoked(signed + timedelta(hours=1))) == {"S6": "REVOKED_TIME_UNPROVEN"}
    received_before = revoked(NOW + timedelta(hours=1))
    assert received_before.verdict == "valid"
    assert "REVOKED_LATER" in received_before.codes


def test_a_revoked_maker_spoils_the_seal() -> None:
    lists = (W.crl(), W.crl((W.maker, NOW - 200 * DAY), root=W.maker_root))
    report = check(W.stamp(Version.V4), W.trust(*lists))
    assert failed(report) == {"S13": "REVOKED"}


def test_a_list_that_proves_nothing_is_unknown() -> None:
    good_maker = W.crl(root=W.maker_root)
    stale = check(W.stamp(Version.V4), now=NOW + 8 * DAY)
    assert failed(stale)["S6"] == "NO_REVOCATION_INFO"
    forged = W.crl()[:-1] + bytes((W.crl()[-1] ^ 1,))
    assert failed(check(W.stamp(Version.V4), W.trust(forged, good_maker)))["S6"] == "NO_REVOCATION_INFO"
    first = W.crl(number=5)
    assert check(W.stamp(Version.V4), W.trust(first, good_maker)).verdict == "valid"


def test_the_forms_of_the_field_are_recorded_and_never_silent() -> None:
    text = W.stamp(Version.V1, time_info=b"2026-09-30 10:00:00")
    assert {each.code for each in check(text).deviations} == {"TEXT_TIME_INFO"}
    tagged = W.seal(Version.V1, extensions=(("1.2.3.4", None, b""),), tagged_extensions=True)
    assert {each.code for each in check(tagged).deviations} == {"TAGGED_EXT_DATAS"}
    explicit = W.seal(Version.V4, extensions=(("1.2.3.4", False, b""),))
    assert {each.code for each in check(explicit).deviations} == {"EXPLICIT_FALSE"}
    null = certify(wish("庆阳市大数据局", null_parameters=True), new_key("sm2"), W.root)
    report = check(W.stamp(Version.V4, W.seal(Version.V4, signers=(null.der,)), null))
    assert report.verdict == "valid"
    assert "NULL_PARAMETERS" in {each.code for each in report.deviations}
    plain = certify(wish("庆阳市大数据局", explicit_false=True), new_key("sm2"), W.root)
    report = check(W.stamp(Version.V4, W.seal(Version.V4, signers=(plain.der,)), plain))
    assert "EXPLICIT_FALSE" in {each.code for each in report.deviations}


def test_a_seal_signed_in_the_form_of_version_1_is_accepted_by_policy_only() -> None:
    raw = W.stamp(Version.V4, W.seal(Version.V4, like_v1=True))
    assert failed(check(raw)) == {"S11": "SIGNATURE"}
    report = check(raw, replace(W.trust(), sealed_like_v1=True))
    assert report.verdict == "valid"
    assert "SIGNED_LIKE_V1" in {each.code for each in report.deviations}


def test_the_seals_status_and_copy_and_the_named_part_are_compared_when_known() -> None:
    raw = W.stamp(Version.V4)
    good = Outside(DOCUMENT, W.seal(Version.V4), PATH, lambda es_id, vid: None)
    stamped = read(raw)
    good = replace(good, seal_copy=stamped.seal.raw)  # type: ignore[union-attr]
    assert results(check(raw, outside=good))["S16"] == "pass"
    assert failed(check(raw, outside=replace(good, seal_copy=b"x"))) == {"S16": "SEAL_COPY"}
    assert failed(check(raw, outside=replace(good, property_info="/other"))) == {"S9": "PROPERTY_INFO"}
    assert failed(check(raw, outside=replace(good, status=lambda *_: "revoked"))) == {"S15": "SEAL_STATUS"}


@pytest.mark.parametrize(
    ("held_by", "verdict", "codes"),
    [
        ("11621000MB00000011", "valid", {}),
        ("11620700MB00000022", "invalid", {"S17": "OTHER_HOLDER"}),
        (None, "indeterminate", {"S17": "HOLDER_UNKNOWN"}),
    ],
)
def test_a_genuine_seal_of_another_department_is_refused(
    held_by: str | None, verdict: str, codes: dict[str, str]
) -> None:
    asked = []

    def holder(es_id: str, vid: str) -> str | None:
        asked.append((es_id, vid))
        return held_by

    bound = Outside(DOCUMENT, acting="11621000MB00000011", holder=holder)
    report = check(W.stamp(Version.V4), outside=bound)
    assert (report.verdict, failed(report)) == (verdict, codes)
    assert asked == [("62100000000001", "gateway")]


def long_form(raw: bytes) -> bytes:
    """The same outermost SEQUENCE with one length byte too many."""
    return b"\x30\x83\x00" + raw[2:] if raw[1] == 0x82 else raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        W.seal(Version.V4) + b"\0",
        W.seal(Version.V4)[:-1],
        long_form(W.seal(Version.V4)),
        b"\x30\x80" + W.seal(Version.V4)[4:] + b"\0\0",
        W.seal(Version.V4).replace(b"\x16\x02ES\x02\x01\x04", b"\x16\x02ES\x02\x01\x03"),
        W.seal(Version.V4).replace(b"\x16\x02ES\x02\x01\x04", b"\x16\x02ES\x02\x01\x01"),
        W.seal(Version.V1).replace(b"\x16\x02ES\x02\x01\x01", b"\x16\x02ES\x02\x01\x04"),
        W.seal(Version.V4).replace(b"\x16\x02ES", b"\x16\x02EX"),
        b"\x30" * 100_000,
        bytes(2_000_001),
        stamp(Version.V4, W.seal(Version.V5), W.signer, DOCUMENT, NOW, PATH),
        stamp(Version.V5, W.seal(Version.V4), W.signer, DOCUMENT, NOW, PATH),
    ],
    ids=["empty", "nothing inside", "trailing", "truncated", "long length", "indefinite", "version 3", "V4 as V1",
         "V1 as V4", "not ES", "nesting", "too large", "V5 in V4", "V4 in V5"],
)  # fmt: skip
def test_what_is_not_the_format_is_refused(raw: bytes) -> None:
    report = check(raw)
    assert report.verdict == "invalid"
    assert failed(report)["S1"] == "FORMAT"
    with pytest.raises(FormatRefused):
        read(raw)


@settings(max_examples=150)
@given(st.data())
def test_mangled_bytes_never_crash_and_never_pass(data: st.DataObject) -> None:
    raw = bytearray(MANGLED[data.draw(st.sampled_from(VERSIONS))])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if how == "flip":
            raw[place] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del raw[place : place + data.draw(st.integers(1, 40))]
        else:
            raw[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        if not raw:
            break
    if bytes(raw) not in MANGLED.values():
        assert check(bytes(raw)).verdict != "valid"


MANGLED = {version: W.stamp(version) for version in VERSIONS}


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(raw: bytes) -> None:
    assert check(raw).verdict == "invalid"


def test_what_was_written_is_read_back() -> None:
    found = read_seal(W.seal(Version.V1))
    assert (found.es_id, found.name, found.type) == ("62100000000001", "庆阳市大数据局", 1)
    assert found.certs == (W.signer.der,)
    assert found.created == NOW - 100 * DAY


def test_every_kind_of_world_has_its_own_authorities() -> None:
    rsa: SealWorld = seal_world("rsa")
    assert check(W.stamp(Version.V4), rsa.trust()).verdict == "indeterminate"
