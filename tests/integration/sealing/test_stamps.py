"""Stamps on applications: what is refused and why, what opens the gate, and what closes it again."""

import hashlib
from pathlib import Path
from typing import Any

from mint import DAY
from nationalcms import attributes, signed_data
from office import codes, sealed_office
from world import CONSUMER, OTHER, PROVIDER, Answer, another, form, http_mount

from gateway.seals.model import Version
from gateway.seals.verification import sm3


def refused_for(answer: Answer, step: str, code: str) -> None:
    """The stamp is refused, and the clerk is told which step failed, in both languages."""
    body = answer.refused(422, "stamp-refused")
    assert (step, code) in codes(body["steps"]), body["steps"]
    assert all(each["text"] and each["text_zh"] for each in body["steps"])


async def test_every_wrong_stamp_is_refused_with_its_step_and_nothing_is_kept(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        world, now, seal = office.world, office.now, office.consumer
        one = await office.filed()
        other = await office.filed()
        document = await office.document(one)
        stranger = office.mint.seal(
            "自然资源局"
        )  # genuine, but another certificate signs with the department's seal
        borrowed = type(seal)(seal.raw, seal.es_id, stranger.signer)
        revoked = office.mint.seal("自然资源局")
        (await office.register(revoked, CONSUMER)).ok()
        office.mint.list_revoked((revoked.signer, now - DAY), number=2)
        good = seal.stamp(document, now)
        wrong: list[tuple[bytes, str, str]] = [
            (good[:-1] + bytes((good[-1] ^ 1,)), "S3", "SIGNATURE"),
            (seal.stamp(document.replace(b"100", b"900"), now), "S8", "DATA_HASH"),
            (seal.stamp(await office.document(other), now), "S8", "DATA_HASH"),
            (office.provider.stamp(document, now), "S17", "OTHER_HOLDER"),
            (borrowed.stamp(document, now), "S7", "SIGNER_NOT_LISTED"),
            (revoked.stamp(document, now), "S6", "REVOKED"),
            (seal.stamp(document, now - DAY), "S17", "BEFORE_DOCUMENT"),
            (seal.stamp(document, now + DAY), "S4", "TIME_IN_FUTURE"),
            (office.mint.seal("自然资源局", es_id=seal.es_id).stamp(document, now), "S16", "SEAL_COPY"),
            (seal.raw, "S3", "NOT_A_STAMP"),
            (b"%PDF-1.7\n" + good, "S1", "OTHER_KIND"),
            (b"PK\x03\x04" + good, "S1", "OTHER_KIND"),
            (good + b"\x00", "S1", "FORMAT"),
            (b"", "S1", "FORMAT"),
            (
                signed_data(document, attributes(sm3(document)), by=office.provider.signer),
                "S17",
                "OTHER_HOLDER",
            ),
            (
                signed_data(document + b" ", attributes(sm3(document + b" ")), by=seal.signer),
                "S8",
                "DATA_HASH",
            ),
        ]
        for raw, step, code in wrong:
            refused_for(await office.stamp(one, raw), step, code)
        shown = (await world.as_("requester", "GET", f"/v1/applications/{one}/stamps")).ok()
        assert shown["items"] == []
        refusals = [e for e in await world.audit(application_id=one) if e["type"] == "stamp.refused"]
        assert len(refusals) == len(wrong)
        assert all(event["detail"]["report_sha256"] and event["outcome"] == "deny" for event in refusals)
        (await office.accept(one)).refused(409, "seal-missing")
        (await office.stamp(one, good)).ok()
        (await office.stamp(one, good)).refused(409, "stamp-known")
        (await office.accept(one)).ok()


async def test_stamps_of_every_version_and_national_cms_count(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office:
        for version in Version:
            one, seal = await office.filed(), office.mint.seal("自然资源局", version)
            (await office.register(seal, CONSUMER)).ok()
            filed = (
                await office.stamp(one, seal.stamp(await office.document(one), office.now, version))
            ).ok()
            assert (filed["verdict"], filed["counts"], filed["report"]["version"]) == ("valid", True, version)
            (await office.accept(one)).ok()
        one = await office.filed()
        document = await office.document(one)
        for raw in (
            signed_data(document, attributes(sm3(document)), by=office.consumer.signer),
            signed_data(sm3(document), None, by=office.consumer.signer),
        ):
            filed = (await office.stamp(one, raw)).ok()
            assert (filed["verdict"], filed["report"]["kind"]) == ("valid", "cms")
        (await office.accept(one)).ok()


async def test_indeterminate_never_opens_the_gate_until_it_is_examined_again(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        one = await office.filed()
        (office.mint.folder / "signers.crl").rename(tmp_path / "kept.crl")
        filed = await office.stamped(one)
        assert (filed["verdict"], filed["counts"]) == ("indeterminate", False)
        body = (await office.accept(one)).refused(409, "seal-unproven")
        assert codes(body["steps"]) == [("S6", "NO_REVOCATION_INFO")]
        (tmp_path / "kept.crl").rename(office.mint.folder / "signers.crl")
        (await office.accept(one)).refused(409, "seal-unproven")
        again = await office.again(one, filed["id"])
        assert (again["verdict"], again["counts"], again["examinations"]) == ("valid", True, 2)
        assert len(again["evidence"]) == 2
        (await office.accept(one)).ok()


async def test_a_seal_nobody_registered_counts_once_it_is_registered(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office:
        one, seal = await office.filed(), office.mint.seal("自然资源局")
        filed = (await office.stamp(one, seal.stamp(await office.document(one), office.now))).ok()
        assert filed["verdict"] == "indeterminate"
        assert codes(filed["steps"]) == [("S15", "NOT_REGISTERED"), ("S17", "HOLDER_UNKNOWN")]
        (await office.accept(one)).refused(409, "seal-unproven")
        (await office.register(seal, CONSUMER)).ok()
        assert (await office.again(one, filed["id"], "requester"))["counts"]
        (await office.accept(one)).ok()


async def test_a_suspended_an_expired_and_a_lost_seal_do_not_count(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office:
        assert office.clock is not None
        seal, one = office.consumer, await office.filed()
        document = await office.document(one)
        await office.status(seal, "suspended")
        refused_for(await office.stamp(one, seal.stamp(document, office.now)), "S15", "SEAL_STATUS")
        await office.status(seal, "in_force")
        early = await office.stamped(one)

        office.clock.set("2026-11-24T10:00", office.world)
        assert early["counts"]
        await office.status(seal, "lost", since="2026-11-23T00:00:00+08:00")
        body = (await office.accept(one)).refused(409, "seal-unproven")
        assert codes(body["steps"]) == [("S15", "SEAL_STATUS")], "a loss reaches back to when it happened"

        short = office.mint.seal("自然资源局", end=office.now + DAY)
        (await office.register(short, CONSUMER)).ok()
        office.clock.set("2026-11-26T10:00", office.world)
        refused_for(await office.stamp(one, short.stamp(document, office.now)), "S14", "OUTSIDE_SEAL_PERIOD")
        in_time = (await office.stamp(one, short.stamp(document, office.now - 1.5 * DAY))).ok()
        assert "SINCE_EXPIRED" in in_time["report"]["codes"]


async def test_a_certificate_revoked_after_the_receipt_leaves_the_stamp_valid(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        assert office.clock is not None
        one = await office.filed()
        filed = await office.stamped(one)
        office.clock.set("2026-11-25T10:00", office.world)
        office.mint.list_revoked((office.consumer.signer, office.now - DAY), number=2)
        again = await office.again(one, filed["id"])
        assert (again["verdict"], again["counts"]) == ("valid", True)
        assert "REVOKED_LATER" in again["report"]["codes"]
        office.mint.list_revoked((office.consumer.signer, office.now - 3 * DAY), number=3)
        worse = await office.again(one, filed["id"])
        assert (worse["verdict"], codes(worse["steps"])) == ("invalid", [("S6", "REVOKED")])
        office.mint.list_revoked(number=4)  # expired certificates vanish from lists
        path = f"/v1/applications/{one}/stamps/{filed['id']}"
        (await office.world.as_("platform-admin", "POST", f"{path}/examine")).refused(409, "stamp-over")
        (await office.accept(one)).refused(409, "seal-unproven")
        kept = (await office.world.as_("requester", "GET", f"{path}/evidence/{worse['evidence'][0]}")).ok()
        assert hashlib.sha256(kept).hexdigest() == worse["evidence"][0]
        office.mint.list_revoked((office.consumer.signer, office.now - DAY), number=5)
        other = await office.filed()
        late = await office.stamp(other, office.consumer.stamp(await office.document(other), office.now))
        refused_for(late, "S6", "REVOKED")


async def test_an_amended_application_needs_a_stamp_on_its_new_version(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office:
        world, one = office.world, await office.filed()
        await office.stamped(one)
        before = await office.document(one)
        asked = (await world.as_("requester", "GET", f"/v1/applications/{one}")).ok()["form"]
        changed = form(asked["resource_id"], **office.clock.dates(), daily_quota=7) if office.clock else {}
        (
            await world.as_(
                "requester", "POST", f"/v1/applications/{one}/amend", {**changed, "because": "更正"}
            )
        ).ok()
        assert await office.document(one) != before
        (await office.accept(one, 2)).refused(409, "seal-missing")
        refused_for(await office.stamp(one, office.consumer.stamp(before, office.now)), "S8", "DATA_HASH")
        await office.stamped(one)
        (await office.accept(one, 2)).ok()


async def test_only_the_acting_department_stamps_and_drafts_stay_with_the_provider(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        world, one = office.world, await office.filed()
        await office.stamped(one)
        (await office.accept(one)).ok()
        path = f"/v1/applications/{one}/decision-document"
        (await world.as_("provider", "GET", path)).refused(404, "no-decision-document")
        (await office.stamp_decision(one, b"x")).refused(404, "no-decision-document")
        (await office.provider_does(one, "approve/draft", office.approval(daily_quota=1))).ok()
        (await world.as_("requester", "GET", path)).refused(404, "no-decision-document")
        raw = office.provider.stamp(await office.document(one, "decision-document", "provider"), office.now)
        stamp = (await office.stamp_decision(one, raw)).ok()
        shown = (await world.as_("requester", "GET", f"/v1/applications/{one}/stamps")).ok()["items"]
        assert [each["document"] for each in shown] == ["application"]
        file = f"/v1/applications/{one}/stamps/{stamp['id']}/file"
        (await world.as_("requester", "GET", file)).refused(404, "no-such-stamp")
        await world.org(OTHER, "民政局")
        await world.person("stranger", OTHER, "requester")
        (await world.as_("stranger", "GET", f"/v1/applications/{one}/document")).refused(
            404, "no-such-application"
        )
        assert PROVIDER in str((await world.as_("auditor", "GET", path)).ok())


async def test_without_a_rule_nothing_asks_for_a_seal_and_stamps_are_taken_all_the_same(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        one = await office.filed(
            await office.world.publish(another(code="399911024701/000001"), http_mount("http://127.0.0.1:9"))
        )
        shown = (await office.world.as_("requester", "GET", f"/v1/applications/{one}")).ok()
        assert [each["state"] for each in shown["seals"]] == ["none", "none"]
        assert all("required_by" not in each for each in shown["seals"])
        assert (await office.stamped(one))["counts"]
        (await office.accept(one)).ok()
        (await office.provider_does(one, "approve", office.approval())).ok()
        decided = await office.document(one, "decision-document")
        assert b'"approved":true' in decided
