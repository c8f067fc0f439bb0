"""A call that is refused: the provider is not contacted, one record says why, the caller learns what to do."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from providers import RawProvider
from services import Service, granted_service
from world import CONSUMER, PROVIDER, Answer, World, in_days, running_world

from gateway.deadlines import SHANGHAI
from gateway.names import new_id
from gateway.storage import Zone

Act = Callable[[Service], Awaitable[Answer]]
CALL = {"parameters": {"uscc": PROVIDER}}


async def without_token(service: Service) -> Answer:
    url = f"{service.world.exchange}/services/{service.name}"
    return await service.world.send("POST", url, json=CALL)


async def with_rubbish(service: Service) -> Answer:
    return await service.world.call("not-a-token", service.name, CALL)


async def with_a_changed_token(service: Service) -> Answer:
    head, claims, signature = service.token.split(".")
    turned = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    return await service.world.call(f"{head}.{claims}.{turned}", service.name, CALL)


async def with_a_person_s_token(service: Service) -> Answer:
    return await service.world.call(await service.world.token_of("provider"), service.name, CALL)


async def with_the_token_of_another_service(service: Service) -> Answer:
    other = await granted_service(service.world, service.provider)
    return await service.world.call(other.token, service.name, CALL)


async def with_an_unknown_parameter(service: Service) -> Answer:
    return await service.call(parameters={"uscc": PROVIDER, "region": "621000"})


async def with_a_wrong_check_digit(service: Service) -> Answer:
    return await service.call(parameters={"uscc": PROVIDER[:-1] + "8"})


async def with_a_field_not_granted(service: Service) -> Answer:
    return await service.call(fields=["uscc", "capital"])


async def with_a_field_that_does_not_exist(service: Service) -> Answer:
    return await service.call(fields=["secret"])


UNIDENTIFIED: list[tuple[Act, str, str]] = [
    (without_token, "unauthenticated", "unauthenticated"),
    (with_rubbish, "token-refused", "malformed"),
    (with_a_changed_token, "token-refused", "signature"),
    (with_a_person_s_token, "token-refused", "audience"),
    (with_the_token_of_another_service, "token-refused", "audience"),
]


@pytest.mark.parametrize(("act", "slug", "reason"), UNIDENTIFIED)
async def test_a_caller_who_is_not_identified_is_refused(
    act: Act, slug: str, reason: str, service: Service
) -> None:
    answer = await act(service)
    answer.refused(401, slug)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert service.provider.connections == 0
    recorded = await service.world.audit(type="call.refused", outcome="deny")
    assert reason in {event["reason"] for event in recorded if event["who"]["kind"] == "anonymous"}


IDENTIFIED: list[tuple[Act, int, str]] = [
    (with_an_unknown_parameter, 422, "parameter-wrong"),
    (with_a_wrong_check_digit, 422, "parameter-wrong"),
    (with_a_field_not_granted, 403, "field-outside-grant"),
    (with_a_field_that_does_not_exist, 403, "field-outside-grant"),
]


async def refused_once(service: Service, answer: Answer, status: int, slug: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.refused(status, slug)
    events = await service.events(answer)
    assert [(event["type"], event["reason"]) for event in events] == [("call.refused", slug)]
    assert (events[0]["grant_id"], events[0]["who"]["id"]) == (service.grant, "registration")
    return problem


@pytest.mark.parametrize(("act", "status", "slug"), IDENTIFIED)
async def test_a_call_outside_its_grant_is_refused_and_recorded_once(
    act: Act, status: int, slug: str, service: Service
) -> None:
    await refused_once(service, await act(service), status, slug)
    assert service.provider.connections == 0
    assert (await service.call()).headers["Quota-Remaining"] == "99"


@pytest.mark.parametrize("matter", [{}, {"matter": "M-2"}])
async def test_a_grant_for_one_matter_serves_no_other(
    matter: dict[str, str], shared_world: World, provider: RawProvider
) -> None:
    service = await granted_service(shared_world, provider, matter="M-1")
    problem = await refused_once(service, await service.call(**matter), 403, "wrong-matter")
    assert "M-1" in problem["detail"]
    assert provider.connections == 0
    (await service.call(matter="M-1")).ok()


async def test_a_call_outside_the_granted_values_is_refused(
    shared_world: World, provider: RawProvider
) -> None:
    narrowed = {"uscc": {"values": [PROVIDER]}}
    service = await granted_service(shared_world, provider, parameters=narrowed)
    answer = await service.call(parameters={"uscc": CONSUMER})
    assert (await refused_once(service, answer, 403, "parameter-outside-grant"))["parameter"] == "uscc"
    assert provider.connections == 0


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"grant_id": None}, 401, "token-refused"),
        ({"grant_id": "not-an-id"}, 401, "token-refused"),
        ({"grant_id": "01a1fda5-0000-7000-8000-000000000000"}, 403, "no-grant"),
        ({"sub": "another-system"}, 403, "wrong-client"),
        ({"purpose_id": "taxation"}, 403, "wrong-purpose"),
        ({"purpose_id": None}, 403, "wrong-purpose"),
        ({"grant_id": "of another service"}, 403, "wrong-service"),
        ({"grant_id": "of tomorrow"}, 403, "grant-not-yet-valid"),
    ],
    ids=lambda value: str(value).replace(" ", "-")[:40] if isinstance(value, str) else "",
)
async def test_a_token_of_ours_that_fits_no_grant_is_refused(
    changes: dict[str, str | None], status: int, slug: str, service: Service, shared_database: Any
) -> None:
    """The token desk issues none of these; if it ever did, the decision would still hold."""
    world = service.world
    tomorrow = in_days(2)
    others = {
        "of another service": lambda: granted_service(world, service.provider),
        "of tomorrow": lambda: world.granted(service.resource, valid_from=tomorrow),
    }
    claims: dict[str, str | None] = {
        "grant_id": service.grant, "purpose_id": "real-estate-registration", "consumer_org": CONSUMER, **changes,
    }  # fmt: skip
    if make := others.get(str(claims["grant_id"])):
        made = await make()
        claims["grant_id"] = made if isinstance(made, str) else made.grant
    subject = claims.pop("sub", None) or "registration"
    tokens, zone = world.gateway.identity.tokens, await shared_database.open(Zone.CONTROL)
    async with zone.connection() as connection:
        said = {name: value for name, value in claims.items() if value is not None}
        audience = tokens.service_audience(service.name)
        token, _, _ = await tokens.issue(connection, subject, audience, 60, said)
    answer = await world.call(token, service.name, CALL)
    answer.refused(status, slug)
    assert service.provider.connections == 0
    assert [event["type"] for event in await service.events(answer)] == ["call.refused"]


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("POST", "/services/", 404, "unknown-path"),
        ("POST", "/services/a/b", 404, "unknown-path"),
        ("POST", "/services/Enterprise", 404, "unknown-path"),
        ("POST", "/service", 404, "unknown-path"),
        ("PUT", "/services/enterprise", 405, "method-not-allowed"),
        ("DELETE", "/services/enterprise", 405, "method-not-allowed"),
        ("POST", "/services/enterprise?uscc=1", 400, "malformed"),
    ],
)
async def test_an_address_that_serves_no_call_is_refused(
    method: str, path: str, status: int, slug: str, service: Service
) -> None:
    answer = await service.world.send(method, service.world.exchange + path, token=service.token)
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (status, slug)
    assert service.provider.connections == 0


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"parameters":{},"parameters":{}}', b"null", b'{"fields":[1]}']
)
async def test_a_body_that_is_no_call_is_refused(body: bytes, service: Service) -> None:
    url = f"{service.world.exchange}/services/{service.name}"
    headers = {"Content-Type": "application/json"}
    answer = await service.world.send("POST", url, token=service.token, headers=headers, data=body)
    assert answer.status in (400, 422)
    assert service.provider.connections == 0


class Clock:
    """The domain's clock, moved by hand from the present on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def token(self, world: World, service: str) -> str:
        """A token for an assertion signed by this clock."""
        key, now = world.keys["registration"], int(self().timestamp())
        claims = {
            "iss": "registration", "sub": "registration", "aud": world.gateway.issuer, "jti": str(new_id()),
            "iat": now, "exp": now + 60,
        }  # fmt: skip
        headers = {"typ": "client-authentication+jwt", "kid": key.kid}
        assertion = jwt.encode(claims, key.private, algorithm="ES256", headers=headers)
        return await world.access_token("registration", service, client_assertion=assertion)


async def test_time_takes_tokens_quota_and_grants_away(database: Any, provider: RawProvider) -> None:
    clock = Clock()
    async with running_world(database, now=clock) as world:
        today = clock().astimezone(SHANGHAI).date()
        period = {"valid_from": today.isoformat(), "valid_until": (today + timedelta(1)).isoformat()}
        service = await granted_service(world, provider, daily_quota=1, **period)
        (await service.call()).ok()
        (await service.call()).refused(429, "quota-used-up")

        midnight = datetime.combine(today + timedelta(1), datetime.min.time(), SHANGHAI)
        clock.ahead = midnight - datetime.now(UTC) + timedelta(seconds=1)
        world.tokens.clear()
        token = await clock.token(world, service.name)
        (await world.call(token, service.name, CALL)).ok()

        clock.ahead += timedelta(seconds=301)
        refused = await world.call(token, service.name, CALL)
        assert "expired" in refused.refused(401, "token-refused")["detail"]

        clock.ahead = midnight + timedelta(days=1, seconds=-30) - datetime.now(UTC)
        token = await clock.token(world, service.name)
        clock.ahead += timedelta(seconds=60)
        (await world.call(token, service.name, CALL)).refused(403, "grant-expired")
        assert len(provider.heads) == 2


async def test_no_token_is_issued_for_what_no_grant_covers(service: Service) -> None:
    later = await service.world.file(service.resource, valid_from=in_days(2))
    await service.world.accept(later.ok()["id"])
    grant = (await service.world.approve(later.body["id"]))["grant_id"]
    for named in (grant, str(uuid4())):
        answer = await service.world.ask_token("registration", service.name, grant_id=named)
        assert answer.refused(400, "token-request-wrong")["error"] == "invalid_target"
    answer = await service.world.ask_token("registration", "no-such-service")
    assert answer.refused(400, "token-request-wrong")["error"] == "invalid_target"


async def test_of_two_grants_for_one_service_the_token_must_name_one(service: Service) -> None:
    second = await service.world.granted(service.resource, fields=["name"])
    answer = await service.world.ask_token("registration", service.name)
    assert "grant_id" in answer.refused(400, "token-request-wrong")["detail"]
    token = await service.world.access_token("registration", service.name, grant_id=second)
    assert (await service.world.call(token, service.name, CALL)).ok()["records"] == [{"name": "示例企业"}]


async def test_a_flood_of_strangers_is_recorded_once_a_minute(service: Service) -> None:
    before = len(await service.world.audit(type="call.refused"))
    for _ in range(20):
        (await with_rubbish(service)).refused(401, "token-refused")
    # two where a minute ends meanwhile
    assert len(await service.world.audit(type="call.refused")) <= before + 2
