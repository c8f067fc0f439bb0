"""A granted call: what leaves, what reaches the provider, and the evidence of both."""

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from providers import RawProvider, http, saying
from services import Service, granted_service
from world import CONSUMER, PROVIDER, World, another, http_mount, sign_off

SENT = {
    "host",
    "accept",
    "accept-encoding",
    "request-id",
    "gateway-consumer",
    "gateway-grant",
    "gateway-purpose",
    "gateway-assertion",
}


def head_of(provider: RawProvider) -> tuple[str, dict[str, str]]:
    """Request line and headers of the only request the provider saw."""
    assert len(provider.heads) == 1
    line, *fields = provider.heads[0].decode("ascii").rstrip("\r\n").split("\r\n")
    return line, {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}


async def test_the_answer_carries_its_receipt_and_what_is_left(service: Service) -> None:
    answer = await service.call()
    assert answer.ok() == {
        "service": service.name,
        "request_id": answer.headers["Request-Id"],
        "records": [{"uscc": PROVIDER, "name": "示例企业"}],
    }
    assert (answer.headers["Quota-Limit"], answer.headers["Quota-Remaining"]) == ("100", "99")
    assert answer.headers["RateLimit-Policy"] == '"day";q=100;w=86400'
    assert re.fullmatch(r'"day";r=99;t=[1-9][0-9]{0,4}', answer.headers["RateLimit"])
    assert answer.headers["Cache-Control"] == "no-store"
    intended, released = await service.events(answer)
    assert (intended["type"], released["type"]) == ("call.intended", "call.released")
    assert released["id"] == answer.headers["Receipt-Id"]
    nonce = bytes.fromhex(answer.headers["Receipt-Nonce"])
    body = orjson.dumps(answer.body)
    assert released["detail"]["answer"] == hashlib.sha256(nonce + body).hexdigest()
    assert (released["detail"]["bytes"], released["detail"]["records"]) == (len(body), 1)


async def test_the_record_of_a_call_says_who_asked_for_what_and_why(service: Service) -> None:
    answer = await service.call(fields=["name"], matter="621000-TR-001", case="2026-0001", operator="李四")
    intended, released = await service.events(answer)
    for event in (intended, released):
        assert event["who"]["id"] == "registration"
        assert (event["consumer_org"], event["provider_org"]) == (CONSUMER, PROVIDER)
        assert (event["purpose"], event["matter"], event["case"]) == (
            "real-estate-registration",
            "621000-TR-001",
            "2026-0001",
        )
        assert (event["grant_id"], event["object"]["id"]) == (service.grant, service.name)
    assert intended["detail"]["fields"] == ["name"]
    assert intended["detail"]["parameters"] == ["uscc"]
    assert "李四" not in json.dumps(
        intended, ensure_ascii=False
    )  # who asked is sealed: tests of the audit room open it
    assert released["cause"][0]["id"] == intended["id"]
    assert PROVIDER not in json.dumps(intended["detail"])
    assert "示例企业" not in json.dumps([intended, released], ensure_ascii=False)


async def test_only_the_gateway_s_own_words_reach_the_provider(service: Service) -> None:
    headers = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Canary": "CANARY",
        "Cookie": "CANARY=1",
        "Accept-Language": "CANARY",
        "Gateway-Purpose": "CANARY",
        "Request-Id": "CANARY",
        "User-Agent": "CANARY",
        "Referer": "http://CANARY.test/",
    }
    body = {"parameters": {"uscc": PROVIDER}, "case": "CANARY", "operator": "CANARY"}
    url = f"{service.world.exchange}/services/{service.name}"
    answer = await service.world.send("POST", url, token=service.token, headers=headers, json=body)
    assert answer.ok()
    line, fields = head_of(service.provider)
    assert line == f"GET /enterprises/{PROVIDER} HTTP/1.1"
    assert set(fields) == SENT
    assert fields["request-id"] == answer.headers["Request-Id"]
    assert (fields["gateway-consumer"], fields["gateway-grant"]) == (CONSUMER, service.grant)
    assert fields["gateway-purpose"] == "real-estate-registration"
    assert fields["accept-encoding"] == "identity"
    assert b"CANARY" not in service.provider.heads[0]
    assert service.token.encode() not in service.provider.heads[0]


TEXT: dict[str, Any] = {"parameters": [{"name": "uscc", "title": "名称", "kind": "text", "controlled": True}]}


@pytest.mark.parametrize(
    "value",
    [
        "../../admin",
        "a/b?c=d#e",
        "%2e%2e%2fadmin",
        "x HTTP/1.1",
        "甲;乙",
        "{uscc}",
        "\\\\host\\share",
        "a&b=c",
    ],
)
async def test_a_value_stays_in_its_place_on_the_wire(
    value: str, shared_world: World, provider: RawProvider
) -> None:
    service = await granted_service(shared_world, provider, TEXT)
    (await service.call(parameters={"uscc": value})).ok()
    line, _ = head_of(provider)
    assert line == f"GET /enterprises/{quote(value, safe='')} HTTP/1.1"


async def test_a_value_of_dots_never_reaches_the_provider(shared_world: World, provider: RawProvider) -> None:
    service = await granted_service(shared_world, provider, TEXT)
    answer = await service.call(parameters={"uscc": ".."})
    answer.refused(422, "parameter-wrong")
    assert provider.connections == 0
    assert [event["type"] for event in await service.events(answer)] == ["call.intended", "call.failed"]


async def test_a_call_by_query_is_the_same_call(service: Service) -> None:
    url = f"{service.world.exchange}/services/{service.name}?uscc={PROVIDER}&fields=name"
    answer = await service.world.send("GET", url, token=service.token)
    assert answer.ok()["records"] == [{"name": "示例企业"}]
    assert head_of(service.provider)[0] == f"GET /enterprises/{PROVIDER} HTTP/1.1"


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "uscc", "title": "公民身份号码", "kind": "id_number"},
        {"name": "uscc", "title": "姓名", "kind": "text", "personal": True},
    ],
)
async def test_what_is_personal_does_not_stand_in_a_query(
    parameter: dict[str, Any], shared_world: World, provider: RawProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    controlled = {"parameters": [{**parameter, "controlled": True}]}
    service = await granted_service(shared_world, provider, controlled)
    number = "11010519491231002X"
    url = f"{shared_world.exchange}/services/{service.name}?uscc={number}"
    answer = await shared_world.send("GET", url, token=service.token)
    problem = answer.refused(422, "invalid")
    assert problem["errors"][0]["pointer"] == "/parameters/uscc"
    assert provider.connections == 0
    (await service.call(parameters={"uscc": number})).ok()
    events = await service.events(answer)
    assert [event["type"] for event in events] == ["call.refused"]
    said = capfd.readouterr()
    assert number not in str(problem) + json.dumps(events) + said.out + said.err


async def test_a_masked_field_leaves_in_its_masked_form_only(
    shared_world: World, provider: RawProvider
) -> None:
    what = another()
    resource = await shared_world.publish(what, http_mount(provider.base))
    narrowed = {"rules": {"masked": ["name"]}}
    await shared_world.granted(resource, narrowed)
    token = await shared_world.access_token("registration", what["service"])
    for _ in range(2):  # the second answer of a kind is read another way than the first
        answer = await shared_world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "示****"}]


async def test_an_approval_masks_only_what_it_gives(shared_world: World, provider: RawProvider) -> None:
    resource = await shared_world.publish(another(), http_mount(provider.base))
    filed = (await shared_world.file(resource)).ok()
    await shared_world.accept(filed["id"])
    body = {"narrowed": {"fields": ["uscc"], "rules": {"masked": ["uscc", "name"]}}, "sign_off": sign_off()}
    refused = await shared_world.as_("provider", "POST", f"/v1/applications/{filed['id']}/approve", body)
    assert refused.refused(422, "invalid")["errors"][0]["pointer"] == "/narrowed/rules/masked/1"


async def test_what_a_failing_provider_says_passes_only_if_the_grant_says_so(
    shared_world: World, provider: RawProvider
) -> None:
    said = b'{"code":"E7","message":"no such enterprise"}'
    seen = []
    for passes in (False, True):
        what = another()
        resource = await shared_world.publish(what, http_mount(provider.base))
        await shared_world.granted(resource, {"rules": {"provider_errors": passes}})
        token = await shared_world.access_token("registration", what["service"])
        for body in (said, b"<html>CANARY</html>", b'"CANARY"'):
            provider.behave = saying(http(body, "404 Not Found"))
            answer = await shared_world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
            problem = answer.refused(502, "upstream-status")
            assert "CANARY" not in str(problem)
            seen.append((problem.get("provider_said"), problem.get("provider_error")))
    assert seen[:3] == [(None, None)] * 3
    assert seen[3] == ("status 404", {"code": "E7", "message": "no such enterprise"})
    assert seen[4:] == [("status 404", None)] * 2
