"""mission row 7, 统一电子印章: a sealed application travels through review and decision; anybody can check the seals.

电子签名法 Art. 13, 14; GB/T 38540-2020.
"""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from office import Office, codes, sealed_office
from world import CONSUMER, PROVIDER, another, http_mount

from gateway.cli import main


def verified(office: Office, folder: Path, document: bytes, stamp: bytes) -> Any:
    """What ``./gw seal verify`` says of a stamp, on a machine that knows nothing but the trust and two files."""
    (folder / "document").write_bytes(document)
    (folder / "stamp").write_bytes(stamp)
    trust = office.mint.folder
    words = ["seal", "verify", str(folder / "stamp"), "--document", str(folder / "document"), "--json"]
    words += ["--anchors", str(trust / "anchors"), "--maker-anchors", str(trust / "maker-anchors")]
    words += [
        "--crl",
        str(trust / "signers.crl"),
        "--crl",
        str(trust / "makers.crl"),
        "--at",
        office.now.isoformat(),
    ]
    told = CliRunner().invoke(main, words)
    return told.exit_code, json.loads(told.stdout)


async def test_a_sealed_application_travels_through_review_and_approval(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        world = office.world
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        route = (await world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
        assert set(route["seals_required"]) == {"application", "decision"}, "told before filing"
        assert route["seals_required"]["decision"]["source_zh"] == "测试规则"

        one = await office.filed(resource)
        path = f"/v1/applications/{one}"
        missing = (await office.accept(one)).refused(409, "seal-missing")
        assert CONSUMER in missing["detail_zh"]
        assert "电子印章" in missing["detail_zh"]

        document = await office.document(one)
        said = json.loads(document)
        assert (said["application_id"], said["consumer_org"], said["form_version"]) == (one, CONSUMER, 1)
        assert said["form"]["purpose"] == "real-estate-registration"
        stamp = await office.stamped(one)
        assert (stamp["verdict"], stamp["counts"], stamp["steps"]) == ("valid", True, [])
        assert [each["step"] for each in stamp["report"]["steps"]] == [f"S{n}" for n in range(18)]
        (await office.accept(one)).ok()

        narrower = office.approval(daily_quota=10)
        (await office.provider_does(one, "approve", narrower)).refused(409, "seal-missing")
        draft = (await office.provider_does(one, "approve/draft", narrower)).ok()
        decision = await office.document(one, "decision-document", "provider")
        assert draft["document"].encode() == decision
        assert json.loads(decision)["terms"]["daily_quota"] == 10
        (await office.stamp_decision(one, office.provider.stamp(decision, office.now))).ok()
        (await office.provider_does(one, "approve", office.approval())).refused(409, "seal-missing")
        assert (await world.as_("requester", "GET", path)).ok()["state"] == "accepted", "more was not stamped"
        approved = (await office.provider_does(one, "approve", narrower)).ok()
        assert approved["grant_id"]
        assert [(each["document"], each["state"]) for each in approved["seals"]] == [
            ("application", "valid"), ("decision", "valid"),
        ]  # fmt: skip

        seen = await office.document(one, "decision-document", "requester")
        assert seen == decision
        stamps = (await world.as_("requester", "GET", f"{path}/stamps")).ok()["items"]
        assert [each["org"] for each in stamps] == [CONSUMER, PROVIDER]
        raw = (await world.as_("requester", "GET", f"{path}/stamps/{stamps[1]['id']}/file")).ok()
        code, report = verified(office, tmp_path, seen, raw)
        assert (code, report["verdict"], report["holder"]["name"]) == (0, "valid", "市场监管局")
        code, report = verified(office, tmp_path, seen.replace(b'"daily_quota":10', b'"daily_quota":99'), raw)
        assert (code, report["codes"][0]) == (2, "DATA_HASH"), "a changed word fails"

        types = [event["type"] for event in await world.audit(application_id=one)]
        assert types == [
            "application.filed", "stamp.filed", "application.accepted", "decision.drafted", "stamp.filed",
            "application.approved", "grant.issued",
        ]  # fmt: skip


async def test_a_refusal_takes_effect_with_the_providers_seal_only(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office:
        one = await office.filed()
        await office.stamped(one)
        (await office.accept(one)).ok()
        refusal = {
            "reason": "not_necessary_for_duty", "basis": "《政务数据共享条例》第二十条", "explanation": "非履行职责所必需",
            "sign_off": office.approval()["sign_off"],
        }  # fmt: skip
        (await office.provider_does(one, "refuse", refusal)).refused(409, "seal-missing")
        (await office.provider_does(one, "refuse/draft", refusal)).ok()
        decision = await office.document(one, "decision-document", "provider")
        wrong = (await office.stamp_decision(one, office.consumer.stamp(decision, office.now))).refused(
            422, "stamp-refused"
        )
        assert ("S17", "OTHER_HOLDER") in codes(wrong["steps"])
        (await office.provider_does(one, "refuse", refusal)).refused(409, "seal-missing")
        (await office.stamp_decision(one, office.provider.stamp(decision, office.now))).ok()
        assert (await office.provider_does(one, "refuse", refusal)).ok()["state"] == "refused"


async def test_each_wrong_stamp_is_refused_and_the_clerk_is_told_which_step_failed(
    database: Any, tmp_path: Path
) -> None:
    async with sealed_office(database, tmp_path) as office:
        mine, other = await office.filed(), await office.filed()
        document, seal = await office.document(mine), office.consumer
        good = seal.stamp(document, office.now)
        told = {}
        for name, raw in {
            "one byte of the stamp": good[:-1] + bytes((good[-1] ^ 1,)),
            "one byte of the document": seal.stamp(document[:-2] + b"!" + document[-1:], office.now),
            "another application": seal.stamp(await office.document(other), office.now),
            "another department": office.provider.stamp(document, office.now),
        }.items():
            body = (await office.stamp(mine, raw)).refused(422, "stamp-refused")
            told[name] = [(each["step"], each["name_zh"], each["text_zh"]) for each in body["steps"]]
        changed = ("S8", "原文杂凑值", "盖章的不是这份文件，或盖章后文件有改动")
        assert told == {
            "one byte of the stamp": [("S3", "签章签名值", "签章签名值核验不通过，签章已被改动")],
            "one byte of the document": [changed],
            "another application": [changed],
            "another department": [("S17", "与申请绑定", "该印章属于其他部门")],
        }
        (await office.accept(mine)).refused(409, "seal-missing")
        (await office.stamp(mine, good)).ok()
        (await office.stamp(mine, good)).refused(409, "stamp-known")
        replayed = (await office.stamp(other, good)).refused(422, "stamp-refused")
        assert codes(replayed["steps"]) == [("S8", "DATA_HASH")]
        (await office.accept(other)).refused(409, "seal-missing")
        (await office.accept(mine)).ok()
