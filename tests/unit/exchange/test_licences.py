"""Answers about licences: what is not clear is refused, and what does not stand is never shown as standing."""

import base64
from collections.abc import Sequence
from typing import Any

import pytest
from licensing import HOLDER, ISSUER, NUMBER, entry, record
from makes import a_resource
from sealing import NOW, PATH, ofd_files, seal_world, zipped

from gateway.catalog import Description, HttpMount
from gateway.exchange.licences import Asked, Licences, LicenceSealNotValid, LicenceUnclear
from gateway.seals.verification import Trust
from gateway.web.outbound import UpstreamInvalid, UpstreamTooLarge

W = seal_world("sm2")
BY_NUMBER = {"number": NUMBER}
BY_BOTH = {"number": NUMBER, "holder": HOLDER}


async def answer(
    records: Sequence[dict[str, Any]],
    question: str = "query",
    fields: Sequence[str] = ("number", "name", "state"),
    asked: dict[str, str] | None = None,
    trust: Trust | None = None,
    registered: dict[tuple[str, str], str] | None = None,
    **changes: Any,
) -> list[dict[str, Any]]:
    what = Description.model_validate(entry(question, **changes))
    mount = HttpMount(kind="http", url="http://127.0.0.1:9/x", sources={"state": "zt"})
    given = {"query": BY_NUMBER, "verification": BY_BOTH, "code_check": {"code": "123456"}}[question]
    held = [{**one, "zt": one["state"]} for one in records]
    resource = a_resource(description={}, mount=mount)
    object.__setattr__(resource, "description", what)
    wanted = Asked(given if asked is None else asked, fields, NOW)

    async def holders() -> dict[tuple[str, str], str]:
        return registered or {}

    return await Licences(lambda: trust or W.trust(), holders).answered(resource, held, wanted, 10)


@pytest.mark.parametrize(
    ("word", "until", "state"),
    [
        ("正常", "2099-12-31", "valid"), ("正常", "2026-10-01", "valid"), ("正常", "2026-09-30", "expired"),
        ("正常", None, "valid"), ("正常", "长期", "valid"), ("正常", "2099-12-31T00:00:00", "valid"),
        ("吊销", "2099-12-31", "revoked"), ("已换证", "2099-12-31", "replaced"), ("暂扣", None, "suspended"),
        ("已过期", "2099-12-31", "expired"), ("吊销", "2020-01-01", "revoked"),
    ],
)  # fmt: skip
async def test_a_state_leaves_in_our_words_and_a_day_too_late_is_expired(
    word: str, until: str | None, state: str
) -> None:
    """NOW is the first of October 2026 in Asia/Shanghai: the last day of validity is a valid one."""
    held = [record(state=word, valid_until=until)]
    shown = await answer(held)
    assert shown == [{"number": NUMBER, "name": "示例餐饮有限公司", "state": state}]
    assert await answer(held, "verification") == [{"state": state}]


@pytest.mark.parametrize("word", ["有效", "", None, 1, ["正常"], "正常 ", "VALID", "valid"])
async def test_a_state_the_catalogue_does_not_explain_stops_the_answer(word: Any) -> None:
    for question in ("query", "verification", "code_check"):
        with pytest.raises(UpstreamInvalid):
            await answer([record(state=word)], question)


async def test_the_state_leaves_with_a_licence_whatever_fields_were_asked_for() -> None:
    assert await answer([record(state="吊销")], fields=["name"]) == [
        {"name": "示例餐饮有限公司", "state": "revoked"}
    ]


@pytest.mark.parametrize(
    ("question", "changed"),
    [
        ("query", {"number": "JY00000000000000"}),
        ("verification", {"number": "JY00000000000000"}),
        ("query", {"number": 1}),
    ],
)
async def test_an_answer_about_another_licence_is_refused(question: str, changed: dict[str, Any]) -> None:
    with pytest.raises(UpstreamInvalid):
        await answer([record(**changed)], question)


async def test_a_verification_says_nothing_but_the_state() -> None:
    assert await answer([record()], "verification", fields=["number", "name", "state"]) == [
        {"state": "valid"}
    ]
    assert await answer([], "verification") == [{"state": "not_found"}]
    assert await answer([record(holder="11621000MB00000024")], "verification") == [{"state": "not_found"}]
    with pytest.raises(LicenceUnclear):
        await answer([record(state="已换证"), record()], "verification")


async def test_a_holder_is_the_same_in_small_letters() -> None:
    asked = {"number": NUMBER.lower(), "holder": HOLDER}
    assert await answer([record()], "verification", asked=asked) == [{"state": "valid"}]


async def test_a_code_leads_to_one_licence_or_to_none() -> None:
    assert await answer([], "code_check") == []
    assert len(await answer([record()], "code_check")) == 1
    with pytest.raises(LicenceUnclear):
        await answer([record(), record(number="JY2")], "code_check")


async def test_more_records_than_allowed_are_refused_and_not_cut_off() -> None:
    with pytest.raises(UpstreamTooLarge):
        await answer([record()] * 11)


@pytest.mark.parametrize("until", ["2026年", 20301231, "2026-02-30"])
async def test_a_last_day_that_is_no_day_stops_the_answer(until: Any) -> None:
    with pytest.raises(UpstreamInvalid):
        await answer([record(valid_until=until)])


DOCUMENT = {"document": "file", "document_is_sealed": True}
GOOD = ofd_files(W)
SEALED = base64.b64encode(zipped(GOOD)).decode()
WITH_FILE = ("number", "file")


async def test_a_sealed_document_leaves_once_its_seal_is_valid() -> None:
    (shown,) = await answer([record(file=SEALED)], fields=WITH_FILE, licence=DOCUMENT)
    assert (shown["file"], shown["state"]) == (SEALED, "valid")


@pytest.mark.parametrize("word", ["吊销", "已换证", "暂扣", "已过期"])
async def test_the_document_of_a_licence_that_does_not_stand_never_leaves(word: str) -> None:
    (shown,) = await answer([record(file=SEALED, state=word)], fields=WITH_FILE, licence=DOCUMENT)
    assert shown["file"] is None


async def test_the_document_of_a_licence_that_expired_yesterday_never_leaves() -> None:
    (shown,) = await answer(
        [record(file="AA==", valid_until="2026-09-30")], fields=WITH_FILE, licence={"document": "file"}
    )
    assert (shown["file"], shown["state"]) == (None, "expired")


def changed(**parts: bytes) -> str:
    return base64.b64encode(zipped({**GOOD, **parts})).decode()


PAGE = {"Doc_0/Pages/Page_0/Content.xml": b"<changed/>"}
BAD_FILES: dict[str, tuple[Any, str]] = {
    "a changed page": (changed(**PAGE), "S10"),
    "a page more": (changed(**{"Doc_0/Pages/Page_1/Content.xml": b"<more/>"}), "S10"),
    "a stamp moved here": (base64.b64encode(zipped(ofd_files(W, path=PATH.replace("Sign_0", "Sign_1")))).decode(), "S9"),
    "no seal at all": (base64.b64encode(zipped({"OFD.xml": GOOD["OFD.xml"]})).decode(), "S1"),
    "neither OFD nor PDF": (base64.b64encode(b"hello").decode(), "S1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_document_whose_seal_does_not_hold_is_not_given_and_the_step_is_named(case: str) -> None:
    file, step = BAD_FILES[case]
    with pytest.raises(LicenceSealNotValid) as refusal:
        await answer([record(file=file)], fields=WITH_FILE, licence=DOCUMENT)
    assert refusal.value.extra["step"] == step


async def test_without_anybody_to_trust_no_document_leaves() -> None:
    """Indeterminate is not valid: the default trusts nobody."""
    with pytest.raises(LicenceSealNotValid) as refusal:
        await answer(
            [record(file=SEALED)], fields=WITH_FILE, licence=DOCUMENT, trust=Trust(sm2=W.trust().sm2)
        )
    assert refusal.value.extra["verdict"] == "indeterminate"


@pytest.mark.parametrize("file", ["not base64!", "ÄÖ"])
async def test_a_document_that_is_not_base64_stops_the_answer(file: str) -> None:
    with pytest.raises(LicenceUnclear):
        await answer([record(file=file)], fields=WITH_FILE, licence=DOCUMENT)


async def test_a_document_that_is_not_asked_for_is_not_looked_at() -> None:
    (shown,) = await answer([record(file="broken")], licence=DOCUMENT)
    assert "file" not in shown


OURS = ("62100000000001", "gateway")
"""esID and vid of the seal on the good document."""
ANOTHER = "11621000MB00000024"


async def test_a_document_under_the_issuers_own_registered_seal_leaves() -> None:
    for registered in (
        {OURS: ISSUER},
        {OURS: ISSUER, ("2", "gateway"): ANOTHER},
        {("2", "gateway"): ANOTHER},
    ):
        (shown,) = await answer(
            [record(file=SEALED)], fields=WITH_FILE, licence=DOCUMENT, registered=registered
        )
        assert shown["file"] == SEALED


@pytest.mark.parametrize(
    ("registered", "code"),
    [
        ({OURS: ANOTHER, ("2", "gateway"): ISSUER}, "OTHER_HOLDER"),
        ({("2", "gateway"): ISSUER}, "HOLDER_UNKNOWN"),
    ],
)
async def test_a_genuine_seal_that_is_not_the_issuers_is_refused_where_his_are_registered(
    registered: dict[tuple[str, str], str], code: str
) -> None:
    with pytest.raises(LicenceSealNotValid) as refusal:
        await answer([record(file=SEALED)], fields=WITH_FILE, licence=DOCUMENT, registered=registered)
    assert (refusal.value.extra["step"], refusal.value.extra["finding"]) == ("S17", code)
