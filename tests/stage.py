"""Two departments with everything in every state, and for each route of the control API a request that is right.

The tests of tests/integration/api vary these requests: who sends them, whose things they name, what is wrong with them.
"""

import pkgutil
from importlib import import_module
from typing import Any, Final
from uuid import uuid4

import rights
from certifying import pem
from licensing import entry
from rights import BOUND, Right, Stage, at
from rights.certificates import issued
from world import (
    CONSUMER,
    OTHER,
    PROVIDER,
    World,
    another,
    form,
    http_mount,
    in_days,
    new_key,
    public_jwk,
    sign_off,
)

from gateway.app import ALL_ROUTES
from gateway.web import Route

AREAS: Final = [import_module(f"rights.{found.name}") for found in pkgutil.iter_modules(rights.__path__)]
DEAD: Final = "http://127.0.0.1:9"
SPARE_ORG: Final = "11621000MB0000005D"


async def set_up(world: World) -> Stage:
    """Resources and applications in each state, a grant, and a second department's people."""
    stage = Stage(world)
    ids = stage.ids
    for state in ("draft", "review", "published", "direct"):
        described = another(parameters=[]) if state == "direct" else another()
        mount = http_mount(DEAD) if state != "direct" else http_mount(DEAD, url=f"{DEAD}/all")
        made = (await world.as_("provider", "POST", "/v1/resources", described)).ok()
        ids[state], one = made["id"], f"/v1/resources/{made['id']}"
        (await world.as_("provider", "PUT", f"{one}/mount", {"mount": mount})).ok()
        await world.clear(made["id"])
        if state != "draft":
            (await world.as_("provider", "POST", f"{one}/submit")).ok()
        if state in ("published", "direct"):
            (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    ids["filed"] = (await world.file(ids["published"])).ok()["id"]
    ids["accepted"] = (await world.file(ids["published"])).ok()["id"]
    await world.accept(ids["accepted"])
    ids["accepted_direct"] = (await world.file(ids["direct"])).ok()["id"]
    await world.accept(ids["accepted_direct"])
    ids["grant"] = await world.granted(ids["published"])
    ids["kid"] = world.keys["registration"].kid
    ids["event"] = (await world.as_("provider", "GET", f"/v1/resources/{ids['draft']}")).ok()["audit_id"]
    await world.org(OTHER, "民政局")
    for login, role in (("other-requester", "requester"), ("other-provider", "provider")):
        await world.person(login, OTHER, role)
    for area in AREAS:
        if prepare := getattr(area, "prepare", None):
            await prepare(stage)
    return stage


_BASIS: Final = {"kind": "law", "citation": "《保守国家秘密法》", "reason": "涉密"}


def full_description(**changes: Any) -> dict[str, Any]:
    """A description with every field that goes together."""
    described = another(
        conditions="限不动产登记使用", sharing_class="conditional", grade="important", open_to_public=False,
        open_conditions="暂不开放", related=["307011024701/000002"], daily_quota_limit=500,
        format_type="json", provider_unit="登记注册科", system="企业登记系统", category="法人数据", also_by=["mail"],
        shared_scope="自然资源部门", shared_use="不动产登记", use_conditions="不得转供第三方", token_binding="sender_constrained",
        consent_required=True,
        survey=dict.fromkeys(("stored_volume", "stored_records", "shared_volume", "shared_records", "open_volume",
                              "open_records"), 3),
    )  # fmt: skip
    named = {
        "grade": "important",
        "personal": True,
        "length": 18,
        "content": "org_code",
        "element": "01.01.001",
    }
    own = {"sharing_class": "conditional", "conditions": "逐件核验"}
    withheld = {"sharing_class": "not_shared", "not_shared_basis": _BASIS}
    described["items"] = [
        {**described["items"][0], **named},
        {"name": "shape", "title": "宗地图形", "type": "U", "custom_type": "几何型", **own},
        {"name": "heir", "title": "继承人", "type": "C", **withheld},
    ]
    described["parameters"] = [
        {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "required": True, "controlled": True,
         "personal": False, "subject": "org_code", "longest": 18},
        {"name": "sort", "title": "类别", "kind": "choice", "choices": ["甲", "乙"]},
    ]  # fmt: skip
    return {**described, **changes}


def not_shared() -> dict[str, Any]:
    return another(sharing_class="not_shared", not_shared_basis=_BASIS, must_not_enter="state_secret")


def full_licence() -> dict[str, Any]:
    return entry("code_check", licence={"document": "file", "document_is_sealed": True})


def full_form(stage: Stage) -> dict[str, Any]:
    parameters = {"uscc": {"values": [PROVIDER]}}
    return form(stage.ids["published"], parameters=parameters, matter="000114005000", mode="interface")


def prefix_form(stage: Stage) -> dict[str, Any]:
    return form(stage.ids["published"], parameters={"uscc": {**BOUND, "prefix": "11621"}})


MOUNTS: Final = (
    {"kind": "http", "url": f"{DEAD}/e/{{uscc}}", "records_at": "/data", "sources": {"name": "mc"},
     "probe": f"{DEAD}/alive", "upper": {"platform": "national", "service": "s_1_0001"}},
    {"kind": "table", "dsn": "postgresql://reader:x@127.0.0.1:9/d", "schema_name": "public", "relation": "t", "updated": "changed_at", "key": "uscc",
     "filters": {"uscc": "uscc"}, "sources": {"name": "mc"}},
    {"kind": "file", "url": f"{DEAD}/a.csv", "sha256": "0" * 64, "filters": {"uscc": "代码"}, "sources": {"name": "名称"}},
    {"kind": "folder", "path": "firms/{uscc}.zip", "media_type": "application/zip", "sha256": "0" * 64, "sm3": "0" * 64},
    {"kind": "s3", "endpoint": DEAD, "bucket": "firms", "region": "us-east-1", "access_key": "reader", "secret_key": "secret",
     "path": "{uscc}.zip", "media_type": "application/zip", "sha256": "0" * 64, "sm3": "0" * 64},
)  # fmt: skip


def _because(_: Stage) -> Any:
    return {"reason": "机构调整"}


def _withdrawal(_: Stage) -> Any:
    filed = {"negotiation": "协〔2026〕1号", "filing": "备〔2026〕1号"}
    return {"reason": "职能划转", "ground": "duty_changed", "ends_on": in_days(60), **filed}


def _person(_: Stage) -> Any:
    return {"login": f"p{uuid4().hex[:10]}", "name": "某人", "org": CONSUMER, "roles": ["requester"]}


def _client(_: Stage) -> Any:
    chain = pem(issued()).decode()
    named = {"id": f"s{uuid4().hex[:10]}", "name": "系统", "org": CONSUMER}
    return {**named, "keys": [public_jwk(new_key())], "certificates": [chain]}


def _approval(stage: Stage) -> Any:
    narrowed: dict[str, Any] = {
        "fields": ["uscc"],
        "parameters": {"uscc": BOUND},
        "daily_quota": 5,
    }
    narrowed["rules"] = {
        "hours": {"start": "08:00", "end": "18:00"},
        "case_required": True,
        "operator_required": True,
        "per_minute": 60,
        "records_max": 10,
        "masked": ["uscc"],
        "provider_errors": True,
    }
    until = full_form(stage)["valid_until"]
    return {
        "form_version": 1,
        "narrowed": {**narrowed, "valid_until": until},
        "opinion": "同意",
        "sign_off": sign_off(),
    }


_VALUES: Final = {"narrowed": {"parameters": {"uscc": {"values": [PROVIDER]}}}, "sign_off": sign_off()}
_RESOURCE, _APPLICATION, _GRANT = "/v1/resources/{%s}", "/v1/applications/{%s}", "/v1/grants/{grant}"

RIGHT: Final[dict[str, Right]] = {
    "register_org": Right("platform-admin", at("/v1/orgs"), (lambda _: {"code": SPARE_ORG, "name": "医保局", "region": "621000"},)),
    "list_orgs": Right("requester", at("/v1/orgs")),
    "show_org": Right("requester", at(f"/v1/orgs/{CONSUMER}")),
    "register_person": Right("security-admin", at("/v1/people"), (_person,)),
    "list_people": Right("requester", at("/v1/people")),
    "show_person": Right("requester", at("/v1/people/requester")),
    "change_roles": Right("security-admin", at("/v1/people/requester/roles"), (lambda _: {"roles": ["requester"]},)),
    "disable_person": Right("security-admin", at("/v1/people/requester/disable")),
    "register_client": Right("security-admin", at("/v1/clients"), (_client,)),
    "list_clients": Right("requester", at("/v1/clients")),
    "show_client": Right("requester", at("/v1/clients/registration")),
    "add_client_key": Right("security-admin", at("/v1/clients/registration/keys"), (lambda _: {"jwk": public_jwk(new_key())},)),
    "revoke_client_key": Right("security-admin", at("/v1/clients/registration/keys/{kid}")),
    "disable_client": Right("security-admin", at("/v1/clients/registration/disable")),
    "rotate_signing_key": Right("security-admin", at("/v1/keys/rotate")),
    "show_key_set": Right("", at("/.well-known/jwks.json")),
    "show_server_metadata": Right("", at("/.well-known/oauth-authorization-server")),
    "issue_token": Right("", at("/oauth/token")),
    "draft_resource": Right("provider", at("/v1/resources"), (
        lambda _: full_description(), lambda _: not_shared(), lambda _: full_licence())),
    "search_resources": Right("requester", at("/v1/resources")),
    "show_resource": Right("provider", at(_RESOURCE % "draft")),
    "change_resource": Right("provider", at(_RESOURCE % "draft"), (
        lambda _: full_description(), lambda _: not_shared(), lambda _: full_licence())),
    "mount_resource": Right("provider", at(_RESOURCE % "draft" + "/mount"), tuple(lambda _, m=m: {"mount": m} for m in MOUNTS)),
    "submit_resource": Right("provider", at(_RESOURCE % "draft" + "/submit")),
    "publish_resource": Right("platform-admin", at(_RESOURCE % "review" + "/publish")),
    "return_resource": Right("platform-admin", at(_RESOURCE % "review" + "/return"), (_because,)),
    "withdraw_resource": Right("provider", at(_RESOURCE % "published" + "/withdraw"), (_withdrawal,)),
    "preview_route": Right("requester", at(_RESOURCE % "published" + "/route")),
    "file_application": Right("requester", at("/v1/applications"), (
        lambda stage: {**full_form(stage), "incomplete": False}, prefix_form)),
    "list_applications": Right("requester", at("/v1/applications")),
    "show_application": Right("requester", at(_APPLICATION % "filed")),
    "review_application": Right("platform-admin", at(_APPLICATION % "filed" + "/review"), (
        lambda _: {"form_version": 1, "accept": False, "reasons": [{"code": "scene_unclear", "text": "场景不明"}], "opinion": "请补充"},)),
    "provide_application": Right("platform-admin", at(_APPLICATION % "accepted_direct" + "/provide")),
    "approve_application": Right("provider", at(_APPLICATION % "accepted" + "/approve"), (_approval, lambda _: _VALUES)),
    "refuse_application": Right("provider", at(_APPLICATION % "accepted" + "/refuse"), (
        lambda _: {"form_version": 1, "reason": "no_legal_basis", "basis": "《数据安全法》第三十八条", "explanation": "依据不足",
                   "sign_off": sign_off()},
        lambda _: {"reason": "conditions_not_met", "condition": "限不动产登记使用", "explanation": "不符", "sign_off": sign_off()})),
    "withdraw_application": Right("requester", at(_APPLICATION % "filed" + "/withdraw"), (_because,)),
    "list_grants": Right("requester", at("/v1/grants")),
    "show_grant": Right("requester", at(_GRANT)),
    "list_audit_events": Right("auditor", at("/v1/audit/events")),
    "show_audit_event": Right("auditor", at("/v1/audit/events/{event}")),
    "show_audit_head": Right("auditor", at("/v1/audit/head")),
    "show_problem": Right("", at("/problems/not-found")),
    "show_openapi": Right("", at("/openapi.json")),
}  # fmt: skip

for _area in AREAS:
    assert not RIGHT.keys() & _area.CASES.keys()
    RIGHT.update(_area.CASES)

BY_NAME: Final[dict[str, Route]] = {route.operation_id: route for route in ALL_ROUTES}
_TABLES: Final = """SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'audit') ORDER BY 1"""
_DIGEST: Final = """SELECT '{0}' AS name, count(*) || ' ' || md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) AS rows
FROM {0} t"""


async def contents(database: Any) -> dict[str, str]:
    """Each table outside the audit log with its number of rows and a digest of them."""
    owner = await database.owner()
    try:
        tables = [row[0] for row in await owner.fetch(_TABLES)]
        assert "authz.application" in tables
        found = await owner.fetch(" UNION ALL ".join(_DIGEST.format(table) for table in tables))
        return {row["name"]: row["rows"] for row in found}
    finally:
        await owner.close()
