"""Signing in through a real OpenID provider, and every answer of it that is not of this sign-in or not a proof."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from signing_in import CHEAP, accept, ask, invite
from upstream_sign_in import (
    SECRET,
    at_the_provider,
    begin,
    finish,
    link,
    oidc_provider,
    provider_settings,
    through,
)
from world import CONSUMER, World, running_gateway, running_world

from gateway.identity.assertion import new_client_key

PEOPLE = {"wang": {}, "li": {"amr": ["pwd", "otp"]}, "zhao": {"acr": "loa3"}, "stranger": {}}


@pytest.fixture(scope="module")
async def issuers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Any]]:
    """Two providers: the province takes a secret, the nation a key; settings of the gateway for both."""
    folder: Path = tmp_path_factory.mktemp("providers")
    jwk = new_client_key(folder / "nation.pem")
    redirect = "http://127.0.0.1:9/signed-in"
    async with (
        oidc_provider(client_secret=SECRET, redirect_uri=f"{redirect}/province", people=PEOPLE) as province,
        oidc_provider(client_jwk=jwk, redirect_uri=f"{redirect}/nation", people=PEOPLE) as nation,
    ):
        own = {"client_secret_file": None, "client_key_file": str(folder / "nation.pem")}
        marks = {"second_factor_amr": ["otp"], "second_factor_acr": ["loa3"]}
        yield {
            "province": provider_settings("province", province, folder, **marks),
            "nation": provider_settings("nation", nation, folder, **own),
        }


@pytest.fixture(scope="module")
async def people(shared_database: Any, issuers: dict[str, Any]) -> AsyncIterator[World]:
    async with running_world(shared_database, identity={**CHEAP, "providers": [*issuers.values()]}) as made:
        for login, role in (("wang", "requester"), ("li", "provider"), ("zhao", "provider")):
            await made.person(login, CONSUMER, role)
            await link(made, login, "province", f"u-{login}")
        await link(made, "wang", "nation", "u-wang")
        yield made


@pytest.mark.parametrize("provider", ["province", "nation"])
async def test_a_linked_person_signs_in_with_a_secret_or_a_key_of_the_gateway(
    provider: str, people: World, issuers: dict[str, Any]
) -> None:
    begun = await begin(people, provider)
    assert begun["sign_out_url"] == f"{issuers[provider]['issuer']}/leave"
    session = (await through(people, provider, "wang")).ok()
    assert session["login"] == "wang"
    shown = (await ask(people, session["token"], "GET", "/v1/sessions")).ok()["sessions"][0]
    assert (shown["method"], shown["provider"], shown["second_factor"]) == ("provider", provider, False)


async def test_a_key_the_provider_made_this_moment_is_found(people: World) -> None:
    (await through(people, "nation", "wang", "rotated")).ok()


@pytest.mark.parametrize("login", ["li", "zhao"])
async def test_who_decides_is_in_when_the_provider_vouches_for_two_factors(login: str, people: World) -> None:
    begun = (await through(people, "province", login)).ok()
    assert (await ask(people, begun["token"], "GET", "/v1/me")).ok()["roles"] == ["provider"]


async def early_in_a_step() -> None:
    """Near the end of an authenticator's half minute wait for the next: digits of the one before are taken until it ends."""
    left = 30 - time.time() % 30
    if left < 10:
        await asyncio.sleep(left)


async def test_who_decides_and_showed_one_factor_gives_the_own_second(people: World) -> None:
    login = f"p{uuid4().hex[:10]}"
    await people.person(login, CONSUMER, "provider")
    await link(people, login, "nation", "u-li")
    (await through(people, "nation", "li")).refused(403, "second-factor-not-set")
    code = await invite(people, login)
    await early_in_a_step()
    person = await accept(people, login, code, time.time() - 30)
    ticket = (await through(people, "nation", "li")).refused(403, "second-factor-asked")["ticket"]
    body = {"ticket": ticket, "second_factor": "000000"}
    (await people.as_(None, "POST", "/v1/sign-in/second-factor", body)).refused(401, "sign-in-refused")
    right = {**body, "second_factor": person.digits(time.time())}
    begun = (await people.as_(None, "POST", "/v1/sign-in/second-factor", right)).ok()
    assert begun["login"] == login
    later = {**body, "second_factor": person.digits(time.time() + 30)}
    (await people.as_(None, "POST", "/v1/sign-in/second-factor", later)).refused(401, "ticket-refused")


async def test_a_subject_nobody_linked_is_told_what_to_do_and_is_never_linked_by_name(people: World) -> None:
    await people.person("stranger", CONSUMER, "requester")
    told = (await through(people, "province", "stranger")).refused(403, "account-not-linked")
    assert (told["provider"], told["subject"]) == ("province", "u-stranger")
    assert "/accounts" in told["remedy"]


SPOILED = {
    "nonce": "nonce", "no-nonce": "nonce", "issuer": "issuer", "audience": "audience", "audiences": "audience",
    "azp": "audience", "expired": "expired", "old": "stale", "future": "early", "text-exp": "times", "no-subject": "claims",
    "none": "malformed", "hs256": "algorithm", "rs256": "algorithm", "key": "signature", "unknown-kid": "key",
    "type": "type", "jwk": "header",
}  # fmt: skip


async def test_every_spoiled_id_token_is_refused_with_its_reason_and_recorded(people: World) -> None:
    found = {}
    for twist in SPOILED:
        answer = await through(people, "province", "wang", twist)
        found[twist] = answer.refused(401, "provider-answer-refused")["reason"]
    assert found == SPOILED
    recorded = await people.audit(type="sign_in.refused")
    assert [one["detail"].get("what") for one in recorded][-len(SPOILED) :] == list(SPOILED.values())


def turned(ticket: str) -> str:
    """The ticket with another sign before its last."""
    return ticket[:-2] + ("A" if ticket[-2] != "A" else "B") + ticket[-1]


async def test_an_answer_is_of_one_sign_in_at_one_provider_once(
    people: World, issuers: dict[str, Any]
) -> None:
    one, other = await begin(people, "province"), await begin(people, "province")
    back = await at_the_provider(people.session, one["authorize_url"], "wang")
    there = await at_the_provider(people.session, (await begin(people, "nation"))["authorize_url"], "wang")
    foreign = {"iss": issuers["nation"]["issuer"]}
    for provider, ticket, changes, slug, reason in (
        ("province", one["ticket"], {"state": "another"}, "provider-answer-refused", "state"),
        ("province", other["ticket"], {}, "provider-answer-refused", "state"),
        ("province", one["ticket"], {"iss": None}, "provider-answer-refused", "iss"),
        ("province", one["ticket"], foreign, "provider-answer-refused", "iss"),
        ("nation", one["ticket"], foreign, "provider-answer-refused", "provider"),
        ("province", turned(one["ticket"]), {}, "ticket-refused", None),
        ("province", "A" * 60, {}, "ticket-refused", None),
    ):
        said = (await finish(people, provider, ticket, {**back, **changes})).refused(401, slug)
        assert said.get("reason") == reason, (changes, said)
    (await finish(people, "province", other["ticket"], {**there, "state": back["state"]})).refused(
        401, "provider-answer-refused"
    )
    (await finish(people, "province", one["ticket"], back)).ok()
    (await finish(people, "province", one["ticket"], back)).refused(401, "ticket-refused")
    third = await begin(people, "province")
    state = (await at_the_provider(people.session, third["authorize_url"], "wang"))["state"]
    replayed = {**back, "state": state}
    (await finish(people, "province", third["ticket"], replayed)).refused(401, "code-refused")


async def test_another_sign_ins_code_does_not_fit_the_verifier(people: World) -> None:
    mine, theirs = await begin(people, "province"), await begin(people, "province")
    stolen = (await at_the_provider(people.session, theirs["authorize_url"], "li"))["code"]
    back = await at_the_provider(people.session, mine["authorize_url"], "wang")
    (await finish(people, "province", mine["ticket"], {**back, "code": stolen})).refused(401, "code-refused")


async def test_links_are_made_and_ended_by_a_security_administrator_and_take_the_sessions_along(
    people: World,
) -> None:
    login = f"p{uuid4().hex[:10]}"
    await people.person(login, CONSUMER, "requester")
    path = f"/v1/people/{login}/accounts"
    taken = await people.as_("security-admin", "POST", path, {"provider": "province", "subject": "u-wang"})
    taken.refused(409, "account-taken")
    unknown = await people.as_("security-admin", "POST", path, {"provider": "moon", "subject": "u-1"})
    assert unknown.refused(422, "invalid")["errors"][0]["pointer"] == "/provider"
    own = {"provider": "province", "subject": "u-admin"}
    (await people.as_("security-admin", "POST", "/v1/people/security-admin/accounts", own)).refused(
        403, "own-account"
    )
    made = await link(people, login, "province", "u-stranger")
    (await people.as_("security-admin", "POST", path, {"provider": "province", "subject": "u-2"})).refused(
        409, "account-taken"
    )
    token = (await through(people, "province", "stranger")).ok()["token"]
    assert (await people.as_("security-admin", "GET", path)).ok()["accounts"] == [made]
    (await people.as_("security-admin", "DELETE", f"/v1/people/wang/accounts/{made['id']}")).refused(
        404, "no-such-account"
    )
    (await people.as_("security-admin", "DELETE", f"{path}/{made['id']}")).ok()
    (await ask(people, token, "GET", "/v1/me")).refused(401, "session-over")
    (await through(people, "province", "stranger")).refused(403, "account-not-linked")


async def test_a_provider_that_does_not_answer_or_is_outside_the_networks_is_said_so(
    shared_database: Any, people: World, tmp_path: Path
) -> None:
    dead = provider_settings("dead", "http://127.0.0.1:9", tmp_path)
    outside = provider_settings(
        "outside", "https://192.0.2.7", tmp_path, redirect_uri="http://127.0.0.1:9/signed-in/2"
    )
    async with running_gateway(shared_database, identity={**CHEAP, "providers": [dead, outside]}) as (
        beside,
        _,
    ):
        other = replace(people, gateway=beside)
        for name, word in (("dead", "no connection"), ("outside", "outside the allowed networks")):
            answer = await other.as_(None, "POST", "/v1/sign-in/begin", {"provider": name})
            assert word in answer.refused(502, "provider-silent")["detail"]
        (await other.as_(None, "POST", "/v1/sign-in/begin", {"provider": "moon"})).refused(
            404, "no-such-provider"
        )
