"""Several authorities, each with its own policy: what is accepted of one is not accepted of another."""

from datetime import datetime
from pathlib import Path

import pytest
from certifying import Pki, Said, answer, new_pki, pem, write_authority
from sealing import DAY, NOW
from sealing import SM2 as ENGINE

from gateway.seals.authority import Issued
from gateway.seals.ocsp import read_ocsp
from gateway.seals.recognition import Judgement, Sources, Use
from gateway.seals.recognition_files import BadAuthority, load_recognition
from gateway.seals.revocation import read_crl

PROVINCE, NATION, SEALS = new_pki("p256", "省级根"), new_pki("sm2", "国家根"), new_pki("rsa", "签章根")
CLIENT = ("client_auth",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_authority(tmp_path, "province", PROVINCE, algorithms=["ECDSA", "RSA"], sources=["crl"])
    write_authority(
        tmp_path, "nation", NATION, uses=["client", "seal_signer"], algorithms=["SM2"], sources=["ocsp"],
        revocation="when_known", recognised_from="2026-09-30", recognised_until="2026-10-02",
    )  # fmt: skip
    write_authority(tmp_path, "seals", SEALS, uses=["seal_signer", "timestamp", "peer"], algorithms=["RSA"])
    return tmp_path


def judge(
    folder: Path,
    leaf: Issued,
    *said: bytes,
    use: Use = "client",
    at: datetime = NOW,
    answers: tuple[bytes, ...] = (),
) -> Judgement:
    sources = Sources(tuple(map(read_crl, said)), tuple(map(read_ocsp, answers)), ENGINE)
    return load_recognition(folder).judge(pem(leaf), use, at, sources)


def codes(judged: Judgement) -> tuple[str, set[str]]:
    return judged.report.verdict, {each.code for each in judged.report.checks if each.code != "OK"}


def test_each_authority_is_judged_by_its_own_policy(folder: Path) -> None:
    leaf = PROVINCE.issue("系统", extended_usage=CLIENT)
    judged = judge(folder, leaf, PROVINCE.crl())
    assert codes(judged) == ("valid", set())
    assert judged.authority is not None
    assert judged.authority.id == "province"
    national = judge(folder, NATION.issue("系统", "sm2", extended_usage=CLIENT))
    assert codes(national) == ("valid", {"REVOCATION_NOT_KNOWN"})


def test_a_source_that_the_policy_does_not_name_is_not_heard(folder: Path) -> None:
    leaf = PROVINCE.issue("系统")
    revoked = Said(status="revoked", revoked_at=NOW - DAY)
    assert codes(judge(folder, leaf, answers=(answer(leaf, PROVINCE.root),))) == (
        "indeterminate",
        {"NO_REVOCATION_INFO"},
    )
    theirs = NATION.issue("系统", "sm2")
    assert codes(judge(folder, theirs, NATION.crl((theirs, NOW - DAY))))[0] == "valid"
    assert codes(judge(folder, theirs, answers=(answer(theirs, NATION.root, revoked),))) == (
        "invalid",
        {"REVOKED"},
    )


@pytest.mark.parametrize(
    ("when", "verdict"),
    [
        (datetime.fromisoformat("2026-09-30T00:00:00+08:00"), "valid"),
        (datetime.fromisoformat("2026-10-02T23:59:59+08:00"), "valid"),
        (datetime.fromisoformat("2026-09-29T23:59:59+08:00"), "indeterminate"),
        (datetime.fromisoformat("2026-10-03T00:00:00+08:00"), "indeterminate"),
    ],
    ids=["first", "last", "before", "after"],
)
def test_recognition_begins_and_ends_with_days_of_china(folder: Path, when: datetime, verdict: str) -> None:
    assert judge(folder, NATION.issue("系统", "sm2"), at=when).report.verdict == verdict


def test_an_anchor_for_one_use_is_none_for_another(folder: Path) -> None:
    """Pools: an authority of seals lets no system in, and one of systems signs no seals."""
    assert codes(judge(folder, SEALS.issue("系统", "rsa"), SEALS.crl()))[1] == {
        "NO_ANCHOR",
        "NO_REVOCATION_INFO",
    }
    assert codes(judge(folder, PROVINCE.issue("印章"), PROVINCE.crl(), use="seal_signer"))[1] == {
        "NO_ANCHOR",
        "NO_REVOCATION_INFO",
    }
    assert codes(judge(folder, SEALS.issue("印章", "rsa"), SEALS.crl(), use="seal_signer")) == (
        "valid",
        set(),
    )
    assert (
        judge(folder, SEALS.issue("印章", "rsa"), SEALS.crl(), use="seal_maker").report.verdict
        == "indeterminate"
    )


def test_a_key_of_a_family_the_authority_is_not_recognised_for_is_invalid(folder: Path) -> None:
    leaf = PROVINCE.issue("系统", "sm2")
    assert codes(judge(folder, leaf, PROVINCE.crl())) == ("invalid", {"ALGORITHM_NOT_RECOGNISED"})


def test_the_nearest_recognised_authority_decides(tmp_path: Path) -> None:
    """An issuing authority recognised by itself keeps its own policy, whatever its root is recognised for."""
    between = Pki(PROVINCE.issue("市级中间机构", is_ca=True))
    write_authority(tmp_path, "root", PROVINCE, revocation="when_known")
    write_authority(tmp_path, "city", between)
    leaf = between.issue("系统")
    judged = judge(tmp_path, leaf)
    assert judged.authority is not None
    assert (judged.authority.id, judged.report.verdict) == ("city", "indeterminate")
    assert judge(tmp_path, leaf, between.crl()).report.verdict == "valid"


WRONG = {
    "for-servers": ({"extended_usage": ("server_auth",)}, "client", "EXTENDED_KEY_USAGE"),
    "for-encryption": ({"usage": frozenset({"key_encipherment"})}, "client", "KEY_USAGE"),
    "no-usage": ({"usage": None}, "client", "KEY_USAGE"),
    "an-authority": ({"is_ca": True}, "client", "LEAF_IS_CA"),
    "signs-lists": ({"usage": frozenset({"digital_signature", "crl_sign"})}, "client", "LEAF_IS_CA"),
    "expired": ({"end": NOW - DAY}, "client", "OUTSIDE_VALIDITY"),
    "not-yet": ({"start": NOW + DAY}, "client", "OUTSIDE_VALIDITY"),
}


@pytest.mark.parametrize("name", list(WRONG))
def test_a_certificate_for_something_else_or_another_time_is_invalid(folder: Path, name: str) -> None:
    changes, use, code = WRONG[name]
    verdict, found = codes(judge(folder, PROVINCE.issue("系统", **changes), PROVINCE.crl(), use=use))  # type: ignore[arg-type]
    assert (verdict, code in found) == ("invalid", True), found


def test_a_certificate_for_clients_serves_no_peer_and_no_timestamp(folder: Path) -> None:
    for use, own in (("peer", ("server_auth",)), ("timestamp", ("time_stamping",))):
        other = SEALS.issue("系统", "rsa", extended_usage=CLIENT)
        assert "EXTENDED_KEY_USAGE" in codes(judge(folder, other, SEALS.crl(), use=use))[1]  # type: ignore[arg-type]
        mine = SEALS.issue("系统", "rsa", extended_usage=own)
        assert codes(judge(folder, mine, SEALS.crl(), use=use))[0] == "valid"  # type: ignore[arg-type]


def test_revoked_before_and_after_are_told_apart(folder: Path) -> None:
    leaf = PROVINCE.issue("系统")
    assert codes(judge(folder, leaf, PROVINCE.crl((leaf, NOW - DAY)))) == ("invalid", {"REVOKED"})
    before = judge(folder, leaf, PROVINCE.crl((leaf, NOW)), at=NOW - DAY)
    assert codes(before) == ("valid", {"REVOKED_LATER"})


def test_a_file_that_is_not_enabled_recognises_nothing(tmp_path: Path) -> None:
    write_authority(tmp_path, "province", PROVINCE, enabled=False)
    assert load_recognition(tmp_path).authorities == ()
    assert load_recognition(tmp_path / "none").authorities == ()


def _leaf_as_anchor() -> Pki:
    return Pki(PROVINCE.issue("系统"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"uses": ["everything"]}, "uses"),
        ({"algorithms": ["SHA1"]}, "algorithms"),
        ({"algorithms": ["RSA"]}, "ECDSA"),
        ({"recognised_until": "2024-12-31"}, "before recognised_from"),
        ({"certificates": ["missing.pem"]}, "missing.pem"),
        ({"certificates": ["../province.pem"]}, "certificates"),
        ({"ocsp_url": "http://127.0.0.1/ocsp", "sources": ["crl"]}, "ocsp_url"),
        ({"crl_urls": ["ftp://127.0.0.1/a.crl"]}, "crl_urls"),
        ({"unheard_of": True}, "unheard_of"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_wrong_description_stops_the_start_and_says_where(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    write_authority(tmp_path, "province", PROVINCE, **changes)
    with pytest.raises(BadAuthority) as refused:
        load_recognition(tmp_path)
    assert told in refused.value.detail
    assert "province.toml" in refused.value.detail or "missing.pem" in refused.value.detail


def test_an_end_certificate_is_no_anchor_and_no_anchor_serves_two_policies(tmp_path: Path) -> None:
    write_authority(tmp_path / "leaf", "leaf", _leaf_as_anchor())
    with pytest.raises(BadAuthority, match="no certification authority"):
        load_recognition(tmp_path / "leaf")
    write_authority(tmp_path / "two", "one", PROVINCE)
    write_authority(tmp_path / "two", "other", PROVINCE)
    with pytest.raises(BadAuthority, match="one and other share"):
        load_recognition(tmp_path / "two")
    write_authority(tmp_path / "two", "other", PROVINCE, uses=["peer"])
    assert len(load_recognition(tmp_path / "two").authorities) == 2
