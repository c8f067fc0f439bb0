"""Signing in with the built-in directory: codes, passwords, second factors, delays, and what is never said."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from signing_in import CHEAP, PASSWORD, Moving, Somebody, accept, ask, invite, somebody
from world import CONSUMER, World, running_world

from gateway.identity.directory.attempts import Attempts
from gateway.seals import Vault
from gateway.settings import Identity
from gateway.storage import Zone


async def test_who_decides_sets_both_and_signs_in_with_both(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "provider")
    digits = person.digits(clock.now.timestamp())
    for missing in ({}, {"second_factor": "000000"}, {"second_factor": digits, "password": "Wheat-Field-78"}):
        (await person.sign_in(**missing)).refused(401, "sign-in-refused")
    begun = (await person.sign_in(digits)).ok()
    assert begun["roles"] == ["provider"]
    me = (await ask(people, begun["token"], "GET", "/v1/me")).ok()
    assert (me["login"], me["session"]) == (person.login, begun["session"])
    (await person.sign_in(digits)).refused(401, "sign-in-refused")
    (await person.sign_in(person.digits(clock.pass_by(30)))).ok()


async def test_who_only_asks_needs_the_password_alone(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    assert person.secret is None
    begun = (await person.sign_in()).ok()
    sessions = (await ask(people, begun["token"], "GET", "/v1/sessions")).ok()["sessions"]
    assert [(one["current"], one["second_factor"], one["method"]) for one in sessions] == [
        (True, False, "password")
    ]


async def test_the_same_digits_at_once_let_one_in(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "provider")
    digits = person.digits(clock.now.timestamp())
    answers = await asyncio.gather(*(person.sign_in(digits) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 401, 401, 401]


async def test_an_unknown_login_a_disabled_person_and_a_wrong_password_read_alike(
    people: World, clock: Moving
) -> None:
    person, gone = await somebody(people, clock, "requester"), await somebody(people, clock, "requester")
    bare = f"p{uuid4().hex[:12]}"
    await people.person(bare, CONSUMER, "requester")
    (await people.as_("security-admin", "POST", f"/v1/people/{gone.login}/disable")).ok()
    answers = [
        await person.sign_in(password="Another-Word-5"), await gone.sign_in(),
        await Somebody(people, bare).sign_in(), await Somebody(people, f"p{uuid4().hex[:12]}").sign_in(),
    ]  # fmt: skip
    said = [{**answer.refused(401, "sign-in-refused"), "instance": ""} for answer in answers]
    assert all(one == said[0] for one in said)


async def test_what_was_typed_as_a_login_is_recorded_only_where_it_is_one(
    people: World, clock: Moving
) -> None:
    person, typed = await somebody(people, clock, "requester"), f"secret{uuid4().hex[:8]}"
    await person.sign_in(password="Another-Word-5")
    await Somebody(people, typed).sign_in()
    found = await people.audit(type="sign_in.refused")
    assert [event["object"].get("id") for event in found][-2:] == [person.login, None]
    assert typed not in str(found)
    assert PASSWORD not in str(found)


async def test_attempts_cost_a_growing_delay_that_ends_and_is_the_same_for_unknown_logins(
    people: World, clock: Moving
) -> None:
    for person in (await somebody(people, clock, "requester"), Somebody(people, f"p{uuid4().hex[:12]}")):
        for _ in range(6):
            (await person.sign_in(password="Another-Word-5")).refused(401, "sign-in-refused")
        held = await person.sign_in(password="Another-Word-5")
        assert (held.refused(429, "sign-in-held")["retry_after_seconds"], held.headers["Retry-After"]) == (
            2,
            "2",
        )
        (await person.sign_in()).refused(429, "sign-in-held")
        clock.pass_by(2)
        (await person.sign_in(password="Another-Word-5")).refused(401, "sign-in-refused")
        assert (await person.sign_in()).refused(429, "sign-in-held")["retry_after_seconds"] == 4
        clock.pass_by(4)
        for _ in range(20):
            answer = await person.sign_in(password="Another-Word-5")
            clock.pass_by(answer.body.get("retry_after_seconds", 0))
        assert answer.body["retry_after_seconds"] <= 900


async def test_attempts_at_once_are_counted_before_any_password_is_looked_at(
    people: World, clock: Moving
) -> None:
    person = await somebody(people, clock, "requester")
    answers = await asyncio.gather(*(person.sign_in(password="Another-Word-5") for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [401] * 6 + [429] * 14


async def test_a_stranger_who_guesses_on_does_not_keep_out_the_person_at_a_known_machine(
    people: World, clock: Moving
) -> None:
    other = (await (await somebody(people, clock, "requester")).sign_in()).ok()["device"]
    person = await somebody(people, clock, "requester")
    device = (await person.sign_in()).ok()["device"]
    for _ in range(8):
        await person.sign_in(password="Another-Word-5")
    (await person.sign_in()).refused(429, "sign-in-held")
    (await person.sign_in(device=device)).ok()
    (await person.sign_in(device=other)).refused(429, "sign-in-held")
    for _ in range(6):
        (await person.sign_in(device=device, password="Another-Word-5")).refused(401, "sign-in-refused")
    (await person.sign_in(device=device)).refused(429, "sign-in-held")


async def test_a_new_code_gets_in_who_was_held_back(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    for _ in range(8):
        await person.sign_in(password="Another-Word-5")
    await accept(people, person.login, await invite(people, person.login), 0, "Barley-Field-78")
    (await person.sign_in(password="Barley-Field-78")).ok()


async def test_a_code_is_for_one_login_once_until_a_newer_or_its_end(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    first = await invite(people, person.login)
    code = await invite(people, person.login)
    body = {"login": person.login, "code": code, "password": PASSWORD}
    for wrong in ({"code": first}, {"login": "requester"}, {"login": "nobody-here"}, {"code": "A" * 20}):
        for path in ("open", "accept"):
            sent = {**body, **wrong}
            if path == "open":
                sent.pop("password")
            (await people.as_(None, "POST", f"/v1/invitations/{path}", sent)).refused(
                401, "invitation-refused"
            )
    (await people.as_(None, "POST", "/v1/invitations/accept", body)).ok()
    (await people.as_(None, "POST", "/v1/invitations/accept", body)).refused(401, "invitation-refused")
    late = {**body, "code": await invite(people, person.login)}
    clock.pass_by(3 * 86400 + 1)
    (await people.as_(None, "POST", "/v1/invitations/accept", late)).refused(401, "invitation-refused")


async def test_a_weak_password_or_missing_digits_leave_the_code_usable(people: World, clock: Moving) -> None:
    login = f"p{uuid4().hex[:12]}"
    people.tokens.clear()
    await people.person(login, CONSUMER, "provider")
    body = {"login": login, "code": await invite(people, login), "password": "password"}
    weak = await people.as_(None, "POST", "/v1/invitations/accept", body)
    assert {one["pointer"] for one in weak.refused(422, "invalid")["errors"]} == {"/password"}
    for digits in ({}, {"second_factor": "000000"}):
        answer = await people.as_(
            None, "POST", "/v1/invitations/accept", {**body, "password": PASSWORD, **digits}
        )
        assert [one["pointer"] for one in answer.refused(422, "invalid")["errors"]] == ["/second_factor"]
    person = await accept(people, login, body["code"], clock.pass_by(30))
    (await person.sign_in(person.digits(clock.pass_by(30)))).ok()


async def test_a_code_alone_does_not_replace_a_second_factor_unless_it_says_so(
    people: World, clock: Moving
) -> None:
    person = await somebody(people, clock, "provider")
    code = await invite(people, person.login)
    offer = (
        await people.as_(None, "POST", "/v1/invitations/open", {"login": person.login, "code": code})
    ).ok()
    assert offer["second_factor"] == "keep"
    assert "secret" not in offer
    body = {"login": person.login, "code": code, "password": "Barley-Field-78"}
    (await people.as_(None, "POST", "/v1/invitations/accept", body)).refused(422, "invalid")
    proved = {**body, "second_factor": person.digits(clock.pass_by(30))}
    (await people.as_(None, "POST", "/v1/invitations/accept", proved)).ok()
    old = person.digits(clock.pass_by(30))
    (await person.sign_in(old, password="Barley-Field-78")).ok()
    renewed = await accept(
        people, person.login, await invite(people, person.login, renew=True), clock.pass_by(60)
    )
    assert renewed.secret not in (None, person.secret)
    clock.pass_by(30)
    (await person.sign_in(person.digits(clock.now.timestamp()))).refused(401, "sign-in-refused")
    (await renewed.sign_in(renewed.digits(clock.now.timestamp()))).ok()


async def test_who_comes_to_decide_without_a_second_factor_is_out_and_told_what_to_do(
    people: World, clock: Moving
) -> None:
    person = await somebody(people, clock, "requester")
    token = (await person.sign_in()).ok()["token"]
    path = f"/v1/people/{person.login}/roles"
    (await people.as_("security-admin", "PUT", path, {"roles": ["provider"]})).ok()
    (await ask(people, token, "GET", "/v1/me")).refused(401, "session-over")
    told = (await person.sign_in()).refused(403, "second-factor-not-set")
    assert "code" in told["remedy"]


async def test_nobody_issues_a_code_to_oneself_nor_to_a_disabled_person(people: World, clock: Moving) -> None:
    people.tokens.clear()
    body = {"renew_second_factor": True}
    own = await people.as_("security-admin", "POST", "/v1/people/security-admin/invitation", body)
    own.refused(403, "own-invitation")
    gone = await somebody(people, clock, "requester")
    (await people.as_("security-admin", "POST", f"/v1/people/{gone.login}/disable")).ok()
    answer = await people.as_("security-admin", "POST", f"/v1/people/{gone.login}/invitation", body)
    answer.refused(409, "cannot-invite-disabled")


async def test_the_database_holds_no_password_code_token_or_secret_in_the_clear(
    people: World, clock: Moving, shared_database: Any
) -> None:
    person = await somebody(people, clock, "provider")
    begun = (await person.sign_in(person.digits(clock.now.timestamp()))).ok()
    code = await invite(people, person.login)
    owner = await shared_database.owner()
    try:
        kept = ""
        for table in ("credential", "invitation", "session", "attempt"):
            kept += str([dict(row) for row in await owner.fetch(f"SELECT * FROM identity.{table}")])  # noqa: S608
    finally:
        await owner.close()
    assert "$argon2id$" in kept
    for secret in (PASSWORD, person.secret, begun["token"], begun["device"], code, code.replace("-", "")):
        assert str(secret) not in kept


async def test_guesses_at_many_logins_from_one_address_are_held_back_and_a_known_machine_is_not(
    database: Any, clock: Moving
) -> None:
    limits = {**CHEAP, "proxy_networks": [], "address_free_max": 3}
    async with running_world(database, identity=limits, now=clock) as world:
        person = await somebody(world, clock, "requester")
        device = (await person.sign_in()).ok()["device"]
        for _ in range(4):
            (await Somebody(world, f"p{uuid4().hex[:12]}").sign_in()).refused(401, "sign-in-refused")
        (await Somebody(world, f"p{uuid4().hex[:12]}").sign_in()).refused(429, "sign-in-held")
        body = {"login": person.login, "code": "A" * 20}
        (await world.as_(None, "POST", "/v1/invitations/open", body)).refused(429, "sign-in-held")
        (await person.sign_in()).refused(429, "sign-in-held")
        (await person.sign_in(device=device)).ok()
        clock.pass_by(3601)
        for _ in range(8):
            (await person.sign_in()).ok()


async def test_the_address_of_the_own_proxy_is_not_counted(database: Any, clock: Moving) -> None:
    async with running_world(database, identity={**CHEAP, "address_free_max": 1}, now=clock) as world:
        for _ in range(4):
            (await Somebody(world, f"p{uuid4().hex[:12]}").sign_in()).refused(401, "sign-in-refused")


async def test_who_is_invited_is_not_kept_out_by_wrong_codes_of_others(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    code = await invite(people, person.login)
    for _ in range(10):
        body = {"login": person.login, "code": "A" * 20}
        (await people.as_(None, "POST", "/v1/invitations/open", body)).refused(401, "invitation-refused")
    await accept(people, person.login, code, 0)


async def test_digits_cannot_be_guessed_with_a_stolen_code(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "provider")
    body = {"login": person.login, "code": await invite(people, person.login), "password": PASSWORD}
    answers = [
        await people.as_(None, "POST", "/v1/invitations/accept", {**body, "second_factor": f"{number:06}"})
        for number in range(8)
    ]
    assert [answer.status for answer in answers] == [422] * 6 + [429] * 2


async def test_attempts_below_the_limit_are_not_held_where_two_processes_clocks_differ(
    shared_database: Any,
) -> None:
    pool = await shared_database.open(Zone.CONTROL)
    ahead = datetime(2026, 11, 20, 10, 0, 1, tzinfo=UTC)
    for at, instant in enumerate((ahead, ahead - timedelta(seconds=1), ahead, ahead - timedelta(seconds=2))):
        attempts = Attempts(pool, Vault(bytes(32), "devices"), Identity(), lambda now=instant: now)  # type: ignore[misc]
        attempt = await attempts.begin("login", "of-two-clocks")
        if at == 1:
            async with pool.transaction() as tx:
                await attempts.succeeded(tx, attempt)
