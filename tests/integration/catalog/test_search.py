"""Finding entries: two-character words, codes, filters, pages."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from makes import BASIS
from world import CONSUMER, PROVIDER, World, another, http_mount

MOUNT = http_mount("http://127.0.0.1:9")
SERIAL = {"name": "serial", "title": "编号", "type": "C"}
CAPITAL = {"name": "capital", "title": "注册资本", "type": "Y"}


def entry(name: str, summary: str, service: str, *items: dict[str, str], **changes: Any) -> dict[str, Any]:
    return another(name=name, summary=summary, service=service, items=[SERIAL, *items], **changes)


NAMES = {
    "信用": entry("社会信用评价结果", "法人守信记录", "credit"),
    "企业": entry("企业年度报告", "上年度公示内容", "annual-report", CAPITAL),
    "婚姻": entry("婚姻登记核验", "是否已婚", "marriage", sharing_class="conditional", conditions="限登记"),
    "涉密": entry("基础测绘成果", "不予共享", "survey", sharing_class="not_shared", not_shared_basis=BASIS),
}
EVERY = {what["service"] for what in NAMES.values()}


@dataclass
class Shelf:
    """A catalogue with known entries; finds by query and gives their services' names."""

    world: World

    async def find(self, query: str = "", login: str = "requester") -> list[str]:
        items, cursor = [], ""
        while True:
            page = (await self.world.as_(login, "GET", f"/v1/resources?{query}{cursor}")).ok()
            items += [item["description"]["service"] for item in page["items"]]
            if "next_cursor" not in page:
                return items
            cursor = f"{'&' if query else ''}cursor={page['next_cursor']}"

    async def words(self, text: str, login: str = "requester") -> set[str]:
        return set(await self.find(f"q={quote(text)}", login))


@pytest.fixture(scope="module")
async def shelf(shared_world: World) -> Shelf:
    for what in NAMES.values():
        await shared_world.publish(what, None if what["sharing_class"] == "not_shared" else MOUNT)
    draft = another(name="企业信用草稿", service="draft")
    (await shared_world.as_("provider", "POST", "/v1/resources", draft)).ok()
    return Shelf(shared_world)


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("信用", {"credit"}),
        ("企业", {"annual-report"}),
        ("社会信用", {"credit"}),
        ("守信", {"credit"}),
        ("婚姻登记", {"marriage"}),
        ("登记 婚姻", {"marriage"}),
        ("年度 报告", {"annual-report"}),
        ("度报", {"annual-report"}),
        ("信评", set()),
        ("用社", set()),
        ("市场监管", EVERY),
        ("编号", EVERY),
        ("注册资本", {"annual-report"}),
        ("ANNUAL-report", {"annual-report"}),
        ("ａｎｎｕａｌ", {"annual-report"}),
        ("Capital", {"annual-report"}),
        ("测绘", {"survey"}),
        ("没有此词", set()),
        ("%%", set()),
        ("__", set()),
        ("'OR'1'='1", set()),
    ],
)
async def test_a_word_finds_the_entries_that_hold_it(text: str, services: set[str], shelf: Shelf) -> None:
    assert await shelf.words(text) == services


@pytest.mark.parametrize("name", NAMES)
async def test_a_code_or_its_beginning_finds_its_entry(name: str, shelf: Shelf) -> None:
    what = NAMES[name]
    assert await shelf.words(what["code"]) == {what["service"]}
    assert await shelf.words("307011024701/") == EVERY


@pytest.mark.parametrize("text", ["信", "信 用", "企业 信", "a", " "])
async def test_a_word_of_one_sign_is_refused(text: str, shelf: Shelf) -> None:
    answer = await shelf.world.as_("requester", "GET", f"/v1/resources?q={quote(text)}")
    assert answer.refused(422, "invalid")["errors"][0]["pointer"] == "/q"


async def test_drafts_are_found_by_their_department_and_the_platform_only(shelf: Shelf) -> None:
    assert "draft" not in await shelf.words("草稿")
    assert await shelf.words("草稿", "provider") == {"draft"}
    assert await shelf.words("草稿", "platform-admin") == {"draft"}
    assert await shelf.words("草稿", "security-admin") == set()


@pytest.mark.parametrize(
    ("query", "services"),
    [
        ("sharing_class=conditional", ["marriage"]),
        ("sharing_class=not_shared", ["survey"]),
        ("sharing_class=unconditional", ["credit", "annual-report"]),
        (f"provider_org={PROVIDER}", ["credit", "annual-report", "marriage", "survey"]),
        (f"provider_org={CONSUMER}", []),
        ("sharing_class=conditional&q=" + quote("企业"), []),
    ],
)
async def test_filters_hold_together_and_the_order_is_that_of_codes(
    query: str, services: list[str], shelf: Shelf
) -> None:
    assert await shelf.find(query) == services


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 200])
async def test_pages_together_are_the_whole_list(limit: int, shelf: Shelf) -> None:
    assert await shelf.find(f"limit={limit}") == [what["service"] for what in NAMES.values()]


async def cursor_of(shelf: Shelf, query: str, login: str) -> str:
    return str((await shelf.world.as_(login, "GET", f"/v1/resources?{query}")).ok()["next_cursor"])


async def test_a_cursor_serves_only_whom_and_what_it_was_made_for(shelf: Shelf) -> None:
    cursor = await cursor_of(shelf, "limit=1", "requester")
    turned = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
    for login, query in (
        ("provider", f"limit=1&cursor={cursor}"),
        ("requester", f"limit=1&sharing_class=conditional&cursor={cursor}"),
        ("requester", f"limit=1&q={quote('企业')}&cursor={cursor}"),
        ("requester", f"limit=1&cursor={turned}"),
        ("requester", f"limit=1&cursor={cursor[:-4]}"),
        ("requester", "limit=1&cursor=MzA3MDExMDI0NzAx"),
        ("requester", "limit=1&cursor=%21%21"),
        ("requester", "limit=1&cursor="),
    ):
        answer = await shelf.world.as_(login, "GET", f"/v1/resources?{query}")
        assert answer.refused(422, "invalid")["errors"][0]["pointer"] == "/cursor", query
    other = await shelf.world.as_("requester", "GET", f"/v1/applications?cursor={cursor}")
    other.refused(422, "invalid")
    assert (await shelf.world.as_("requester", "GET", f"/v1/resources?limit=2&cursor={cursor}")).ok()["items"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "sharing_class=secret", "unknown=1", "q=" + "a" * 101]
)
async def test_a_query_out_of_its_bounds_is_refused(query: str, shelf: Shelf) -> None:
    answer: Any = await shelf.world.as_("requester", "GET", f"/v1/resources?{query}")
    answer.refused(422, "invalid")
