"""Sessions: listed and ended by who may, over after their limits, and with every change of the person."""

from dataclasses import replace
from typing import Any

import pytest
from signing_in import Moving, Somebody, ask, somebody
from world import World, running_gateway

ADMIN = "security-admin"


async def token_of(person: Somebody, clock: Moving) -> str:
    digits = person.digits(clock.pass_by(30)) if person.secret else None
    return str((await person.sign_in(digits)).ok()["token"])


async def is_in(people: World, token: str) -> bool:
    answer = await ask(people, token, "GET", "/v1/me")
    if answer.status == 200:
        return True
    answer.refused(401, "session-over")
    return False


async def test_a_session_unused_too_long_is_over_and_one_in_use_lasts_to_its_absolute_limit(
    people: World, clock: Moving
) -> None:
    person = await somebody(people, clock, "requester")
    idle, used = await token_of(person, clock), await token_of(person, clock)
    began = clock.now
    clock.pass_by(1799)
    assert await is_in(people, used)
    clock.pass_by(2)
    assert not await is_in(people, idle)
    while (clock.now - began).total_seconds() < 28800 - 1700:
        clock.pass_by(1700)
        assert await is_in(people, used)
    clock.pass_by(1700)
    assert not await is_in(people, used)


async def test_people_see_and_end_their_own_sessions_and_nobody_elses(people: World, clock: Moving) -> None:
    person, other = await somebody(people, clock, "requester"), await somebody(people, clock, "requester")
    one, two, foreign = [await token_of(who, clock) for who in (person, person, other)]
    listed = (await ask(people, one, "GET", "/v1/sessions")).ok()["sessions"]
    assert [session["current"] for session in listed] == [False, True]
    path = f"/v1/sessions/{listed[0]['id']}/end"
    (await ask(people, foreign, "POST", path)).refused(404, "no-such-session")
    (await ask(people, one, "POST", path)).ok()
    (await ask(people, one, "POST", path)).refused(404, "no-such-session")
    assert [await is_in(people, token) for token in (one, two, foreign)] == [True, False, True]


async def test_signing_out_ends_this_session_and_no_other(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    one, two = await token_of(person, clock), await token_of(person, clock)
    (await ask(people, one, "POST", "/v1/sign-out")).ok()
    assert [await is_in(people, token) for token in (one, two)] == [False, True]
    people.tokens.clear()
    (await people.as_(ADMIN, "POST", "/v1/sign-out")).refused(409, "no-session")
    ended = (await people.audit(type="person.signed_out"))[-1]
    assert (ended["who"]["id"], ended["detail"]["because"]) == (person.login, "signed_out")


async def test_an_administrator_lists_and_ends_a_persons_sessions(people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "provider")
    tokens = [await token_of(person, clock) for _ in range(2)]
    path = f"/v1/people/{person.login}/sessions"
    assert len((await people.as_(ADMIN, "GET", path)).ok()["sessions"]) == 2
    assert (await people.as_(ADMIN, "POST", f"{path}/end")).ok() == {"ended": 2}
    assert [await is_in(people, token) for token in tokens] == [False, False]
    (await people.as_(ADMIN, "POST", "/v1/people/nobody-here/sessions/end")).refused(404, "no-such-person")


@pytest.mark.parametrize("change", ["roles", "disable", "password"])
async def test_a_change_of_the_person_ends_every_session(change: str, people: World, clock: Moving) -> None:
    person = await somebody(people, clock, "requester")
    tokens = [await token_of(person, clock) for _ in range(2)]
    one = f"/v1/people/{person.login}"
    if change == "roles":
        (await people.as_(ADMIN, "PUT", f"{one}/roles", {"roles": ["requester", "provider"]})).ok()
    elif change == "disable":
        (await people.as_(ADMIN, "POST", f"{one}/disable")).ok()
    else:
        body = {"current": person.password, "password": "Barley-Field-78"}
        wrong = await ask(people, tokens[0], "POST", "/v1/password", {**body, "current": "Rye-Field-79"})
        wrong.refused(403, "wrong-password")
        weak = await ask(people, tokens[0], "POST", "/v1/password", {**body, "password": "rye"})
        weak.refused(422, "invalid")
        (await ask(people, tokens[0], "POST", "/v1/password", body)).ok()
    assert [await is_in(people, token) for token in tokens] == [False, False]


async def test_a_disabled_person_is_out_on_another_process_at_once(
    people: World, clock: Moving, shared_database: Any
) -> None:
    person = await somebody(people, clock, "requester")
    token = await token_of(person, clock)
    async with running_gateway(shared_database, now=clock) as (beside, _):
        other = replace(people, gateway=beside)
        assert await is_in(other, token)
        (await people.as_(ADMIN, "POST", f"/v1/people/{person.login}/disable")).ok()
        assert not await is_in(other, token)


async def test_made_up_and_cut_tokens_are_refused(people: World, clock: Moving) -> None:
    token = await token_of(await somebody(people, clock, "requester"), clock)
    for wrong in (
        token[:-1],
        token + "A",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "gxs_" + "A" * 43,
    ):
        assert (await ask(people, wrong, "GET", "/v1/me")).status == 401
    assert await is_in(people, token)
