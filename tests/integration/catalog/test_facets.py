"""Counts beside a search: for each filter the values there are and how many entries have them."""

from typing import Any
from urllib.parse import quote

import pytest
from world import OTHER, PROVIDER, World, another, http_mount

from gateway.catalog.finding import store

MOUNT = http_mount("http://127.0.0.1:9")
LIMITED = {"sharing_class": "conditional", "conditions": "限审批"}
ENTRIES = [
    another(name="企业登记信息甲", classification=["部门", "市场监管"]),
    another(name="企业登记信息乙", classification=["主题", "信用体系"], update_cycle="monthly", **LIMITED),
    another(name="婚姻登记信息", classification=["部门", "民政"], open_to_public=True, **LIMITED),
]


@pytest.fixture(scope="module")
async def filled(shared_world: World) -> World:
    for what in ENTRIES:
        await shared_world.publish(what, MOUNT)
    (await shared_world.as_("provider", "POST", "/v1/resources", another(name="企业登记草稿"))).ok()
    return shared_world


async def counted(world: World, query: str = "", login: str = "requester") -> Any:
    return (await world.as_(login, "GET", f"/v1/resources/facets?{query}")).ok()


def shown(facet: list[dict[str, Any]]) -> dict[str, int]:
    return {one["value"]: one["count"] for one in facet}


async def test_every_filter_is_counted_by_value_with_the_departments_name(filled: World) -> None:
    said = await counted(filled)
    assert (said["total"], said["complete"]) == (3, True)
    assert {name: shown(values) for name, values in said["facets"].items()} == {
        "provider_org": {PROVIDER: 3},
        "sharing_class": {"conditional": 2, "unconditional": 1},
        "format": {"service": 3},
        "classification": {"部门": 2, "主题": 1},
        "group": {"市场监管": 1, "信用体系": 1, "民政": 1},
        "update_cycle": {"daily": 2, "monthly": 1},
        "grade": {"general": 3},
        "open": {"false": 2, "true": 1},
    }
    assert said["facets"]["provider_org"][0]["title"] == "市场监管局"


async def test_drafts_are_counted_for_those_who_see_them(filled: World) -> None:
    assert [
        (await counted(filled, login=login))["total"] for login in ("provider", "platform-admin", "auditor")
    ] == [4, 4, 3]


FILTERS = [
    f"q={quote('企业')}", f"q={quote('登记')}", "sharing_class=conditional", "format=service", "format=database",
    f"classification={quote('部门')}", f"group={quote('民政')}", "update_cycle=monthly", "grade=general", "grade=important",
    "open=true", "open=false", f"provider_org={PROVIDER}", f"provider_org={OTHER}", "code=307011024701/",
    f"code={ENTRIES[0]['code']}", "code=9", f"q={ENTRIES[1]['code']}",
    f"q={quote('企业')}&sharing_class=conditional&update_cycle=monthly", f"q={quote('企业')}&open=true",
]  # fmt: skip


@pytest.mark.parametrize("query", FILTERS)
async def test_the_counts_are_those_of_the_list_under_the_same_filters(query: str, filled: World) -> None:
    items = (await filled.as_("requester", "GET", f"/v1/resources?{query}")).ok()["items"]
    said = await counted(filled, query)
    assert said["total"] == len(items)
    classes = [one["description"]["sharing_class"] for one in items]
    assert shown(said["facets"]["sharing_class"]) == {one: classes.count(one) for one in classes}


async def test_filters_find_what_they_say(filled: World) -> None:
    async def names(query: str) -> list[str]:
        found = (await filled.as_("requester", "GET", f"/v1/resources?{query}")).ok()["items"]
        return [one["description"]["name"] for one in found]

    assert await names("update_cycle=monthly") == ["企业登记信息乙"]
    assert await names("open=true") == ["婚姻登记信息"]
    assert await names(f"group={quote('市场监管')}") == ["企业登记信息甲"]
    assert await names(f"code={ENTRIES[2]['code']}") == ["婚姻登记信息"]
    assert await names("grade=core") == []


async def test_a_changed_draft_is_found_by_what_it_says_now(filled: World) -> None:
    made = (await filled.as_("provider", "POST", "/v1/resources", another(name="旧的名称"))).ok()
    changed = {**made["description"], "name": "新的称呼", "update_cycle": "yearly"}
    (await filled.as_("provider", "PUT", f"/v1/resources/{made['id']}", changed)).ok()

    async def found(query: str) -> int:
        return len((await filled.as_("provider", "GET", f"/v1/resources?{query}")).ok()["items"])

    assert [await found(f"q={quote(word)}") for word in ("旧的", "新的")] == [0, 1]
    assert [await found(f"update_cycle={cycle}&q={quote('称呼')}") for cycle in ("daily", "yearly")] == [0, 1]


@pytest.mark.parametrize(
    "query", ["limit=5", "open=1", "open=yes", "format=paper", "code=a", "grade=", "q=x"]
)
async def test_a_filter_out_of_its_bounds_is_refused(query: str, filled: World) -> None:
    (await filled.as_("requester", "GET", f"/v1/resources/facets?{query}")).refused(422, "invalid")


async def test_frequent_and_rare_words_give_the_same_list_on_whichever_way(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking through near entries, looking further, and asking the index of terms."""
    query = f"/v1/resources?limit=1&q={quote('登记信息')}"
    lists = []
    for looked_at, frequent in ((300, 6), (1, 1), (2, 9), (1, 9)):
        monkeypatch.setattr(store, "_LOOKED_AT", looked_at)
        monkeypatch.setattr(store, "_FREQUENT", frequent)
        items, page = [], (await filled.as_("requester", "GET", query)).ok()
        while True:
            items += [one["description"]["name"] for one in page["items"]]
            if "next_cursor" not in page:
                break
            page = (await filled.as_("requester", "GET", f"{query}&cursor={page['next_cursor']}")).ok()
        lists.append(items)
    assert lists == [[what["name"] for what in ENTRIES]] * 4


async def test_beyond_what_is_counted_the_answer_says_so(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_MOST_BROWSED", 2)
    monkeypatch.setattr(store, "_MOST_FOUND", 1)
    assert [(await counted(filled, query))["complete"] for query in ("", f"q={quote('登记')}")] == [
        False,
        False,
    ]
    assert [(await counted(filled, query))["total"] for query in ("", f"q={quote('登记')}")] == [2, 1]
