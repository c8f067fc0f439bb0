"""A clerk's most likely mistakes in the form: each is answered at its place, in words that say what to do."""

from typing import Any

import pytest
from applying import published
from makes import CONTROLLED
from world import PROVIDER, World, form, in_days, sign_off, today

PAST, LATER = in_days(-30), in_days(30)

MISTAKES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "no basis": (
        {"basis": None}, "/basis",
        "the legal basis is missing: name the law, regulation or statutory duty with its article",
        "缺少使用依据：请写明法律、法规或法定职责依据及具体条款",
    ),
    "no sign-off": (
        {"sign_off": None}, "/sign_off",
        "the consent of the head of your department's sharing office is missing: have the head consent, then give "
        "name, position and day",
        "缺少本部门共享工作机构负责人审核意见：请先报负责人同意，再填写姓名、职务和日期",
    ),
    "sign-off of another day": (
        {"sign_off": {**sign_off(), "on": "2099-01-01"}}, "/sign_off/on", "lies in the future; today is {today}",
        "负责人审核日期晚于今日（{today}），请填写实际审核日期",
    ),
    "last year's period": (
        {"valid_from": "2020-01-01", "valid_until": PAST}, "/valid_until", "lies in the past; today is {today}",
        "使用截止日期早于今日（{today}），请改为今日或以后",
    ),
    "period the wrong way round": (
        {"valid_from": "2098-01-01", "valid_until": LATER}, "/valid_until", "lies before valid_from, 2098-01-01",
        "使用截止日期早于起始日期 2098-01-01",
    ),
    "a date in office style": (
        {"valid_until": "2098/12/31"}, "/valid_until", "must be a day of the calendar written YYYY-MM-DD",
        "应为日期（YYYY-MM-DD）",
    ),
    "the item's Chinese title": (
        {"fields": ["企业名称"]}, "/fields/0",
        "give the item's name in calls, such as name; the catalogue shows it beside the title",
        "请填写信息项的英文名（如 name），目录中列在中文名称旁",
    ),
    "an item of another resource": (
        {"fields": ["marriage_status"]}, "/fields/0",
        "not an item of the resource; it has uscc, name, legal_person, capital",
        "该资源没有此信息项，可申请：统一社会信用代码（uscc）、企业名称（name）、法定代表人（legal_person）、注册资本（capital）",
    ),
    "an item twice": ({"fields": ["name", "name"]}, "/fields/1", "stands twice", "信息项重复，请只保留一个"),
    "purpose in Chinese": (
        {"purpose": "不动产登记"}, "/purpose",
        "write lower-case English words joined by hyphens, such as real-estate-registration; describe the scene in scene",
        "使用场景代码应为小写英文单词并以连字符连接，例如 real-estate-registration；场景说明请写在 scene",
    ),
    "more calls than there are": (
        {"daily_quota": 100001}, "/daily_quota", "at most 100000 calls a day for this resource",
        "每日调用量超过该资源上限 100000 次，请按实际业务量填写",
    ),
    "the wrong mode": (
        {"mode": "file"}, "/mode", "the resource is shared as interface: choose that",
        "该资源的共享方式为“接口”（interface），请按此填写",
    ),
    "a mistyped code": (
        {"parameters": {"uscc": {"values": ["11621000MB00000038"]}}}, "/parameters/uscc/values/0",
        "not a valid org_code", "“统一社会信用代码”取值不正确，请核对号码",
    ),
    "a system that is not registered": (
        {"client": "our-new-system"}, "/client",
        "not an active application system of your department; ask the security administrator to register it",
        "不是本部门有效的应用系统，请核对编号或联系安全管理员登记",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_is_answered_at_its_place_with_what_to_do(mistake: str, shared_world: World) -> None:
    changes, pointer, en, zh = MISTAKES[mistake]
    resource = await published(shared_world, CONTROLLED)
    before = today()
    problem = (await shared_world.file(resource, **changes)).refused(422, "invalid")
    said = [(one["pointer"], one["detail"], one["detail_zh"]) for one in problem["errors"]]
    days = {before, today()}  # two if midnight passed meanwhile
    assert said in [[(pointer, en.format(today=day), zh.format(today=day))] for day in days]


async def test_the_own_departments_data_need_no_application(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    await world.person("own-clerk", PROVIDER, "requester")
    await world.client("own-desk", PROVIDER)
    answer = await world.as_("own-clerk", "POST", "/v1/applications", form(resource, client="own-desk"))
    (error,) = answer.refused(422, "invalid")["errors"]
    assert (error["pointer"], error["detail"]) == ("/resource_id", "this is your own department's data")
    assert error["detail_zh"] == "这是本部门的数据，无须申请共享"


async def test_all_mistakes_are_named_at_once(shared_world: World) -> None:
    resource = await published(shared_world, CONTROLLED)
    wrong = {"basis": None, "scope": None, "fields": ["secret"], "daily_quota": 100001}
    problem = (await shared_world.file(resource, **wrong)).refused(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["/basis", "/scope", "/fields/0", "/daily_quota"]
