"""mission row 8, 电子证照 互信互认、免提交、验真: the window sees the licence; a revoked one shows as revoked at once."""

import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from licensing import HOLDER, NUMBER, entry, record
from mint import Seal, mint
from sealing import ofd_files, zipped
from world import CONSUMER, PROVIDER, File, World, http_mount, provider_service


class Office:
    """The issuing department's licence system: its records, and the codes its holders' phones show now."""

    def __init__(self) -> None:
        self.licence = record()
        self.codes = {"730514"}

    async def reply(self, request: web.Request) -> web.StreamResponse:
        kind, _, asked = request.path.strip("/").partition("/")
        known = {"licences": asked.split("/")[0] == NUMBER, "codes": asked in self.codes}[kind]
        return web.json_response({"data": [self.licence] if known else []})


async def service(world: World, base: str, question: str, path: str, **asked: Any) -> tuple[str, str]:
    """Publish one question about the licence and grant it to the window's system; service and token."""
    what = entry(question, **asked.pop("described", {}))
    resource = await world.publish(what, http_mount(base, url=f"{base}/{path}"))
    await world.granted(resource, **asked)
    return what["service"], await world.access_token("registration", what["service"])


async def test_the_window_sees_the_licence_and_a_revoked_one_shows_as_revoked_at_once(
    shared_world: World,
) -> None:
    office = Office()
    async with provider_service(office.reply) as (base, _):
        name, token = await service(
            shared_world, base, "query", "licences/{number}", fields=["number", "name"]
        )
        call = {"parameters": {"number": NUMBER}}
        shown = (await shared_world.call(token, name, call)).ok()["records"]
        assert shown == [{"number": NUMBER, "name": "示例餐饮有限公司", "state": "valid"}]
        for word, state in (("吊销", "revoked"), ("已换证", "replaced"), ("暂扣", "suspended")):
            office.licence = record(state=word)
            (one,) = (await shared_world.call(token, name, call)).ok()["records"]
            assert one["state"] == state
        office.licence = record(state="待定")
        (await shared_world.call(token, name, call)).refused(502, "licence-unclear")


async def test_a_verification_answers_yes_or_no_and_gives_nothing_else(shared_world: World) -> None:
    """By number and holder: whoever knows only the number of a stranger's licence learns nothing of it."""
    office = Office()
    async with provider_service(office.reply) as (base, _):
        path = "licences/{number}/{holder}"
        name, token = await service(
            shared_world, base, "verification", path, fields=["number", "name", "state"]
        )

        async def asked(number: str, holder: str) -> Any:
            body = {"parameters": {"number": number, "holder": holder}}
            return (await shared_world.call(token, name, body)).ok()["records"]

        assert await asked(NUMBER, HOLDER) == [{"state": "valid"}]
        assert await asked("JY0", HOLDER) == [{"state": "not_found"}]
        assert await asked(NUMBER, "11621000MB00000024") == [{"state": "not_found"}]
        office.licence = record(state="吊销")
        assert await asked(NUMBER, HOLDER) == [{"state": "revoked"}]


async def test_a_shown_code_opens_the_licence_once_and_never_stands_in_an_address(
    shared_world: World,
) -> None:
    office = Office()
    async with provider_service(office.reply) as (base, _):
        name, token = await service(shared_world, base, "code_check", "codes/{code}", fields=["name"])
        shown = await shared_world.call(token, name, {"parameters": {"code": "730514"}})
        assert shown.ok()["records"] == [{"name": "示例餐饮有限公司", "state": "valid"}]
        office.codes.clear()  # its life is over, and the department says so
        assert (await shared_world.call(token, name, {"parameters": {"code": "730514"}})).ok()[
            "records"
        ] == []
        url = f"{shared_world.exchange}/services/{name}?code=730514"
        (await shared_world.send("GET", url, token=token)).refused(422, "invalid")
        told = await shared_world.audit(request_id=shown.headers["Request-Id"])
        assert "730514" not in str(told)


def sealed_licence(made: Seal) -> dict[str, bytes]:
    """The licence as an OFD under a seal, made an hour ago."""
    office: Any = SimpleNamespace(seal=lambda version: made.raw, signer=made.signer)
    return ofd_files(office, at=datetime.now(UTC) - timedelta(hours=1))


def as_text(files: dict[str, bytes]) -> str:
    return base64.b64encode(zipped(files)).decode()


async def test_a_document_leaves_with_a_valid_seal_only_and_never_of_a_licence_that_does_not_stand(
    shared_world: World,
) -> None:
    office, files = Office(), sealed_licence(mint().seal("市场监督管理局"))
    changed = files | {"Doc_0/Pages/Page_0/Content.xml": b"<another/>"}
    described = {"described": {"licence": {"document": "file", "document_is_sealed": True}}}
    async with provider_service(office.reply) as (base, _):
        path = "licences/{number}"
        name, token = await service(shared_world, base, "query", path, fields=["number", "file"], **described)
        call = {"parameters": {"number": NUMBER}}
        office.licence = record(file=as_text(files))
        (shown,) = (await shared_world.call(token, name, call)).ok()["records"]
        assert (shown["file"], shown["state"]) == (as_text(files), "valid")
        office.licence = record(state="吊销", file=as_text(files))
        (shown,) = (await shared_world.call(token, name, call)).ok()["records"]
        assert (shown["file"], shown["state"]) == (None, "revoked")
        office.licence = record(file=as_text(changed))
        refusal = (await shared_world.call(token, name, call)).refused(502, "licence-seal-not-valid")
        assert (refusal["step"], refusal["finding"]) == ("S10", "REFERENCE_DIGEST")
        office.licence = record(file=base64.b64encode(b"%PDF-1.7 no seal").decode())
        refusal = (await shared_world.call(token, name, call)).refused(502, "licence-seal-not-valid")
        assert refusal["step"] == "S1"


async def test_a_genuine_seal_of_another_department_does_not_make_the_issuers_licence(world: World) -> None:
    """The issuer's seal is registered here: from then on only its own counts on its licences (互信互认, but not of anybody)."""
    office, own, foreign = Office(), mint().seal("市场监管局"), mint().seal("自然资源局")
    for org, seal in ((PROVIDER, own), (CONSUMER, foreign)):
        made = await world.as_(
            "platform-admin", "POST", f"/v1/seals?org={org}", File(seal.raw, "application/octet-stream")
        )
        made.ok()
    described = {"described": {"licence": {"document": "file", "document_is_sealed": True}}}
    async with provider_service(office.reply) as (base, _):
        name, token = await service(
            world, base, "query", "licences/{number}", fields=["number", "file"], **described
        )
        call = {"parameters": {"number": NUMBER}}
        office.licence = record(file=as_text(sealed_licence(foreign)))
        refusal = (await world.call(token, name, call)).refused(502, "licence-seal-not-valid")
        assert (refusal["step"], refusal["finding"]) == ("S17", "OTHER_HOLDER")
        office.licence = record(file=as_text(sealed_licence(own)))
        (shown,) = (await world.call(token, name, call)).ok()["records"]
        assert shown["file"] == office.licence["file"]


async def test_trying_the_mount_tells_of_words_the_catalogue_does_not_explain(shared_world: World) -> None:
    office = Office()
    office.licence = record(state="待定")
    async with provider_service(office.reply) as (base, _):
        made = (await shared_world.as_("provider", "POST", "/v1/resources", entry())).ok()
        one = f"/v1/resources/{made['id']}"
        mount = {"mount": http_mount(base, url=f"{base}/licences/{{number}}")}
        (await shared_world.as_("provider", "PUT", f"{one}/mount", mount)).ok()
        tried = (
            await shared_world.as_(
                "provider", "POST", f"{one}/mount/test", {"parameters": {"number": NUMBER}}
            )
        ).ok()
        assert "licence-state-unexplained" in {misfit["code"] for misfit in tried["misfits"]}
