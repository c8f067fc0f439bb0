"""The life of a catalogue entry over the API: draft, review, published, withdrawn; and who may see and move it."""

from typing import Any
from uuid import uuid4

import pytest
from makes import BASIS
from world import CONSUMER, PROVIDER, World, another, http_mount

MOUNT = {"mount": http_mount("http://127.0.0.1:9")}
WHY = {"reason": "目录调整"}


class Entry:
    """One resource and the acts on it."""

    def __init__(self, world: World, resource: str) -> None:
        self.world = world
        self.path = f"/v1/resources/{resource}"

    async def act(self, act: str, login: str | None = None) -> Any:
        by = login or ("platform-admin" if act in ("publish", "return") else "provider")
        body = WHY if act in ("return", "withdraw") else None
        return await self.world.as_(by, "POST", f"{self.path}/{act}", body)

    async def mount(self, login: str = "provider", body: Any = MOUNT) -> Any:
        return await self.world.as_(login, "PUT", f"{self.path}/mount", body)

    async def change(self, what: dict[str, Any], login: str = "provider") -> Any:
        return await self.world.as_(login, "PUT", self.path, what)

    async def seen_by(self, login: str) -> Any:
        return await self.world.as_(login, "GET", self.path)

    async def clear(self) -> None:
        await self.world.clear(self.path.rpartition("/")[2])

    async def to(self, state: str) -> "Entry":
        steps = {"draft": [], "review": ["submit"], "published": ["submit", "publish"]}
        steps["withdrawn"] = [*steps["published"], "withdraw"]
        (await self.mount()).ok()
        await self.clear()
        for step in steps[state]:
            (await self.act(step)).ok()
        return self


async def drafted(world: World, **changes: Any) -> Entry:
    made = await world.as_("provider", "POST", "/v1/resources", another(**changes))
    return Entry(world, made.ok()["id"])


async def test_an_entry_goes_from_draft_to_review_to_published_to_withdrawn(shared_world: World) -> None:
    entry = await drafted(shared_world)
    shown = (await entry.seen_by("provider")).ok()
    assert (shown["state"], shown["version"], shown["mounted"]) == ("draft", 1, False)
    assert (await entry.mount()).ok()["mount"]["url"] == MOUNT["mount"]["url"]
    await entry.clear()
    assert (await entry.act("submit")).ok()["state"] == "review"
    back = (await entry.act("return")).ok()
    assert (back["state"], back["returned_because"]) == ("draft", WHY["reason"])
    again = (await entry.act("submit")).ok()
    assert "returned_because" not in again
    published = (await entry.act("publish")).ok()
    assert (published["state"], published["version"]) == ("published", 7)
    assert published["published_at"]
    gone = (await entry.act("withdraw")).ok()
    assert (gone["state"], gone["withdrawn_because"], gone["version"]) == ("withdrawn", WHY["reason"], 8)
    assert gone["published_at"] == published["published_at"]


POSSIBLE = {
    "draft": {"submit", "change", "mount"},
    "review": {"publish", "return", "mount"},
    "published": {"withdraw", "mount"},
    "withdrawn": set(),
}


@pytest.mark.parametrize("state", POSSIBLE)
async def test_an_act_out_of_turn_is_refused_and_changes_nothing(state: str, shared_world: World) -> None:
    entry = await (await drafted(shared_world)).to(state)
    before = (await entry.seen_by("provider")).ok()
    for act in sorted({"submit", "publish", "return", "withdraw"} - POSSIBLE[state]):
        problem = (await entry.act(act)).refused(409, "resource-not-in-state")
        assert problem["state"] == state
    if "change" not in POSSIBLE[state]:
        (await entry.change(another())).refused(409, "resource-not-in-state")
    if "mount" not in POSSIBLE[state]:
        (await entry.mount()).refused(409, "resource-not-in-state")
    assert (await entry.seen_by("provider")).ok() == before


async def test_every_act_leaves_one_record_that_follows_from_the_one_before(shared_world: World) -> None:
    entry = await drafted(shared_world)
    first = (await entry.seen_by("provider")).ok()
    await entry.mount()
    await entry.clear()
    for act in ("submit", "return"):
        await entry.act(act)
    await entry.change(another())
    await entry.clear()
    for act in ("submit", "publish", "withdraw"):
        last = (await entry.act(act)).ok()
    own = [e for e in await shared_world.audit() if e.get("object", {}).get("id") == first["id"]]
    assert [event["type"].removeprefix("resource.") for event in own] == [
        "drafted", "mounted", "cleared", "submitted", "returned", "changed", "cleared", "submitted", "published", "withdrawn",
    ]  # fmt: skip
    assert [int(event["object"]["version"]) for event in own] == list(range(1, 11))
    assert [event["cause"][0]["id"] for event in own[1:]] == [event["id"] for event in own[:-1]]
    assert (own[0]["id"], own[-1]["id"]) == (first["audit_id"], last["audit_id"])
    assert [event["who"]["role"] for event in own].count("platform_admin") == 2
    assert [event["detail"].get("because", "") for event in own if event["type"].endswith(("returned", "withdrawn"))] == [
        WHY["reason"], WHY["reason"],
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "review"])
async def test_another_department_finds_nothing_before_publication(state: str, shared_world: World) -> None:
    entry = await (await drafted(shared_world)).to(state)
    for login in ("requester", "auditor"):
        (await entry.seen_by(login)).refused(404, "no-such-resource")
    assert (await entry.seen_by("platform-admin")).ok()["state"] == state
    (await shared_world.as_("requester", "GET", f"{entry.path}/route")).refused(404, "no-such-resource")


@pytest.fixture(scope="module")
async def stranger(shared_world: World) -> str:
    """A provider approver of another department."""
    await shared_world.person("stranger", CONSUMER, "provider")
    return "stranger"


@pytest.mark.parametrize("state", POSSIBLE)
async def test_another_department_s_provider_cannot_move_it_and_does_not_learn_of_it(
    state: str, shared_world: World, stranger: str
) -> None:
    entry = await (await drafted(shared_world)).to(state)
    for answer in (
        await entry.act("submit", stranger),
        await entry.act("withdraw", stranger),
        await entry.change(another(), stranger),
        await entry.mount(stranger),
    ):
        answer.refused(404, "no-such-resource")
    assert (await entry.seen_by("provider")).ok()["state"] == state


async def test_a_published_entry_is_seen_by_all_and_its_mount_by_its_department(shared_world: World) -> None:
    entry = await (await drafted(shared_world)).to("published")
    for login in ("requester", "auditor", "platform-admin"):
        shown = (await entry.seen_by(login)).ok()
        assert shown["mounted"] is True
        assert "mount" not in shown
    assert (await entry.seen_by("provider")).ok()["mount"]["kind"] == "http"


async def test_whoever_drafted_an_entry_does_not_publish_it(shared_world: World) -> None:
    await shared_world.person("both", PROVIDER, "provider", "platform_admin")
    made = (await shared_world.as_("both", "POST", "/v1/resources", another())).ok()
    entry = await Entry(shared_world, made["id"]).to("review")
    (await entry.act("publish", "both")).refused(403, "self-approval")
    assert (await entry.seen_by("both")).ok()["state"] == "review"
    (await entry.act("publish")).ok()


async def test_core_data_does_not_enter_the_catalogue(shared_world: World) -> None:
    entry = await drafted(shared_world, grade="core")
    await entry.mount()
    assert "核心" in (await entry.act("submit")).refused(409, "not-ready-to-publish")["detail_zh"]


async def test_what_is_not_mounted_is_not_published(shared_world: World) -> None:
    entry = await drafted(shared_world)
    await entry.clear()
    assert "mount" in (await entry.act("submit")).refused(409, "not-ready-to-publish")["detail"]
    (await entry.mount()).ok()
    (await entry.act("submit")).ok()


async def test_a_mount_that_a_change_left_behind_is_not_published(shared_world: World) -> None:
    entry = await drafted(shared_world)
    (await entry.mount()).ok()
    what = another(parameters=[{"name": "code", "title": "代码", "kind": "org_code", "controlled": True}])
    (await entry.change(what)).ok()
    await entry.clear()
    assert "does not fit" in (await entry.act("submit")).refused(409, "not-ready-to-publish")["detail"]
    (
        await entry.mount(body={"mount": http_mount("http://127.0.0.1:9", url="http://127.0.0.1:9/{code}")})
    ).ok()
    (await entry.act("submit")).ok()


async def test_what_is_not_shared_is_published_without_a_mount(shared_world: World) -> None:
    entry = await drafted(shared_world, sharing_class="not_shared", not_shared_basis=BASIS)
    await entry.clear()
    (await entry.act("submit")).ok()
    shown = (await entry.act("publish")).ok()
    assert shown["description"]["not_shared_basis"] == BASIS


@pytest.mark.parametrize(
    ("same", "slug"),
    [(["code"], "code-taken"), (["service"], "service-name-taken"), (["name"], "name-taken")],
)
async def test_code_service_and_name_are_each_given_once(
    same: list[str], slug: str, shared_world: World
) -> None:
    first, other = another(), another()
    (await shared_world.as_("provider", "POST", "/v1/resources", first)).ok()
    clash = {**other, **{member: first[member] for member in same}}
    (await shared_world.as_("provider", "POST", "/v1/resources", clash)).refused(409, slug)
    entry = Entry(
        shared_world, (await shared_world.as_("provider", "POST", "/v1/resources", other)).ok()["id"]
    )
    (await entry.change(clash)).refused(409, slug)
    assert (await entry.seen_by("provider")).ok()["description"]["code"] == other["code"]


async def test_a_draft_sent_twice_with_one_key_is_one_draft(shared_world: World) -> None:
    key, what = {"Idempotency-Key": str(uuid4())}, another()
    one = (await shared_world.as_("provider", "POST", "/v1/resources", what, headers=key)).ok()
    two = (await shared_world.as_("provider", "POST", "/v1/resources", what, headers=key)).ok()
    assert one["id"] == two["id"]
    other = await shared_world.as_("provider", "POST", "/v1/resources", another(), headers=key)
    other.refused(409, "idempotency-key-reused")


@pytest.mark.parametrize("missing", ["x", "not-a-uuid", "00000000-0000-7000-8000-000000000000"])
async def test_an_entry_that_does_not_exist_is_not_found(missing: str, shared_world: World) -> None:
    answer = await shared_world.as_("provider", "GET", f"/v1/resources/{missing}")
    assert answer.status == 404
