"""Import: all faults by cell and nothing stored, or drafts; the same file twice changes nothing."""

import hashlib
import io
from typing import Any

import openpyxl
import pytest
from refusals import refusing
from sheets import TITLES, form, row, rows, workbook
from stage import contents
from world import OTHER, PROVIDER, File, World, another

from gateway.catalog.sheets.columns import COLUMNS
from gateway.catalog.sheets.routes import XLSX


async def listed(world: World, login: str = "provider") -> dict[str, Any]:
    found = (await world.as_(login, "GET", "/v1/resources?limit=200")).ok()["items"]
    return {one["description"]["code"]: one for one in found}


async def test_a_clean_sheet_becomes_drafts_with_everything_it_says(world: World) -> None:
    said = (await world.as_("provider", "POST", "/v1/catalog/import", form(rows()))).ok()
    assert (said["rows"], said["entries"], said["drafted"], said["clean"], said["stored"]) == (
        5,
        2,
        2,
        True,
        True,
    )
    found = await listed(world)
    one = found["307011024701/000801"]
    assert (one["state"], one["version"], one["provider_org"]) == ("draft", 1, PROVIDER)
    described = one["description"]
    assert described["service"] == "r307011024701-000801"
    assert described["classification"] == ["部门", "市场监管"]
    assert (described["format"], described["mode"], described["sharing_class"]) == (
        "database",
        "table",
        "conditional",
    )
    assert [(item["name"], item["title"], item["type"], item.get("length")) for item in described["items"]] == [
        ("name", "企业名称", "C", 100), ("uscc", "统一社会信用代码", "C", 18), ("year", "报告年度", "I", None),
    ]  # fmt: skip
    searched = (await world.as_("provider", "GET", "/v1/resources?q=年报")).ok()["items"]
    assert [each["id"] for each in searched] == [one["id"]]


async def test_the_import_and_each_entry_leave_a_record_that_names_the_file(world: World) -> None:
    file = form(rows())
    (await world.as_("provider", "POST", "/v1/catalog/import", file)).ok()
    [imported] = await world.audit(type="catalog.imported")
    assert imported["object"]["id"] == hashlib.sha256(file.content).hexdigest()
    assert (imported["detail"]["drafted"], imported["who"]["id"]) == (2, "provider")
    drafted = await world.audit(type="resource.drafted")
    assert [one["resource"] for one in drafted] == ["307011024701/000801", "307011024701/000802"]
    assert all(cause["id"] == imported["id"] for one in drafted for cause in one["cause"])


async def test_the_same_sheet_again_changes_nothing_and_a_changed_one_only_what_changed(world: World) -> None:
    await world.as_("provider", "POST", "/v1/catalog/import", form(rows()))
    before = await listed(world)
    again = (await world.as_("provider", "POST", "/v1/catalog/import", form(rows()))).ok()
    assert (again["drafted"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert await listed(world) == before
    changed = [row(**{**one, "summary": "改过的摘要"}) if "000801" in one["code"] else one for one in rows()]
    third = (await world.as_("provider", "POST", "/v1/catalog/import", form(changed))).ok()
    assert (third["drafted"], third["changed"], third["unchanged"]) == (0, 1, 1)
    after = await listed(world)
    assert after["307011024701/000801"]["description"]["summary"] == "改过的摘要"
    assert after["307011024701/000801"]["version"] == 2
    assert after["307011024701/000802"] == before["307011024701/000802"]


async def test_what_the_form_cannot_carry_stays_when_a_draft_is_changed_by_a_sheet(world: World) -> None:
    described = another(code="307011024701/000801", daily_quota_limit=7)
    (await world.as_("provider", "POST", "/v1/resources", described)).ok()
    sheet = [
        row(
            name=described["name"],
            format="服务接口",
            format_type="json",
            mode="接口",
            item="法定代表人",
            item_name=None,
        )
    ]
    said = (await world.as_("provider", "POST", "/v1/catalog/import", form(sheet))).ok()
    assert said["changed"] == 1
    after = (await listed(world))["307011024701/000801"]["description"]
    assert (after["daily_quota_limit"], after["parameters"]) == (
        7,
        (await draft_of(world, after))["parameters"],
    )
    assert after["parameters"][0]["controlled"] is True
    assert [item["name"] for item in after["items"]] == ["legal_person"]


async def draft_of(world: World, described: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await listed(world))[described["code"]]["description"]
    return found


async def test_a_sheet_with_faults_stores_nothing_and_names_them_all(world: World, database: Any) -> None:
    wrong = rows()
    wrong[0] |= {"summary": None, "format_type": "pdf"}
    wrong[4] |= {"type": "文字"}
    before = await contents(database)
    said = (await world.as_("provider", "POST", "/v1/catalog/import", form(wrong))).refused(
        422, "sheet-faulty"
    )
    assert [(one["sheet"], one["row"], one["column"], one["code"]) for one in said["faults"]] == [
        ("目录", 2, "I", "empty"), ("目录", 2, "K", "format-type"), ("目录", 6, "N", "not-in-list"),
    ]  # fmt: skip
    assert said["faults_total"] == 3
    assert [one["pointer"] for one in said["errors"]] == ["/目录/I2", "/目录/K2", "/目录/N6"]
    assert await contents(database) == before


async def test_the_clean_entries_are_stored_if_asked_and_the_others_are_told(world: World) -> None:
    wrong = rows()
    wrong[0] |= {"summary": None}
    said = (await world.as_("provider", "POST", "/v1/catalog/import?store=clean", form(wrong))).ok()
    assert (said["drafted"], said["left_out"], said["faults_total"], said["clean"]) == (1, 1, 1, False)
    assert set(await listed(world)) == {"307011024701/000802"}


async def test_checking_says_the_same_and_stores_nothing(world: World, database: Any) -> None:
    wrong = rows()
    wrong[2] |= {"cycle": "每年"}
    before = await contents(database)
    said = (await world.as_("provider", "POST", "/v1/catalog/check", form(wrong))).ok()
    assert (said["clean"], said["stored"], said["drafted"], said["left_out"]) == (False, False, 1, 1)
    assert [one["code"] for one in said["faults"]] == ["differs"]
    clean = (await world.as_("provider", "POST", "/v1/catalog/check", form(rows()))).ok()
    assert (clean["clean"], clean["drafted"]) == (True, 2)
    assert await contents(database) == before


@pytest.mark.parametrize(
    ("theirs", "changes", "code", "column"),
    [
        ({"code": "307011024701/000801"}, {}, "code-taken", "F"),
        ({"service": "shared-name"}, {"service": "shared-name"}, "service-taken", "AC"),
    ],
)
async def test_what_another_department_holds_is_named_by_cell(
    world: World, theirs: dict[str, Any], changes: dict[str, Any], code: str, column: str
) -> None:
    await world.org(OTHER, "民政局")
    await world.person("other-provider", OTHER, "provider")
    (await world.as_("other-provider", "POST", "/v1/resources", another(**theirs))).ok()
    for path in ("/v1/catalog/check", "/v1/catalog/import?store=clean"):
        said = (await world.as_("provider", "POST", path, form([row(**changes)]))).ok()
        assert [(one["code"], one["row"], one["column"]) for one in said["faults"]] == [(code, 2, column)]
        assert "民政局" not in str(said)
    assert await listed(world) == {}


async def test_an_own_entry_of_the_name_or_beyond_draft_is_named_by_cell(world: World) -> None:
    await world.as_(
        "provider", "POST", "/v1/resources", another(name="企业年报公示信息", code="307011024701/000001")
    )
    said = (await world.as_("provider", "POST", "/v1/catalog/check", form([row()]))).ok()
    assert [(one["code"], one["column"]) for one in said["faults"]] == [("name-taken", "E")]
    assert "307011024701/000001" in said["faults"][0]["detail_zh"]


async def test_without_its_records_an_import_does_not_happen(world: World, database: Any) -> None:
    before = await contents(database)
    async with refusing(database, "resource.drafted"):
        answer = await world.as_("provider", "POST", "/v1/catalog/import", form(rows()))
        assert answer.status == 503
    assert await contents(database) == before


async def test_an_export_comes_back_unchanged(world: World) -> None:
    withheld = {
        "sharing": "不予共享",
        "conditions": "《档案法》第一条",
        "basis": "法律",
        "reason": "依法不予共享",
    }
    mixed = [row(**{**one, **withheld}) if one["item"] == "报告年度" else one for one in rows()]
    mixed[4] |= {"sharing": "无条件共享", "conditions": "无条件", "type": "自定义", "custom_type": "等级"}
    (await world.as_("provider", "POST", "/v1/catalog/import", form(mixed))).ok()
    out = await world.as_("provider", "GET", "/v1/catalog/export")
    assert out.headers["Content-Type"] == XLSX
    assert "filename*=UTF-8''%E4%BF%A1" in out.headers["Content-Disposition"]
    page = openpyxl.load_workbook(io.BytesIO(out.body))["目录"]
    assert [cell.value for cell in page[1]] == TITLES
    assert page.max_row == 6
    again = (await world.as_("provider", "POST", "/v1/catalog/import", File(out.body, XLSX))).ok()
    assert (again["unchanged"], again["clean"]) == (2, True)


async def test_an_export_of_published_entries_is_the_same_for_everybody_and_holds_no_draft(
    world: World,
) -> None:
    await world.as_("provider", "POST", "/v1/catalog/import", form(rows()))
    for scope, provider in (("published", ""), ("published", PROVIDER), ("own", "")):
        path = f"/v1/catalog/export?scope={scope}&format=csv" + (
            f"&provider_org={provider}" if provider else ""
        )
        out = await world.as_("requester", "GET", path)
        assert out.body.decode("utf-8-sig").splitlines() == [",".join(TITLES)]


async def test_text_that_looks_like_a_formula_leaves_as_text(world: World) -> None:
    evil = '=HYPERLINK("http://a","b")'
    sheet = [row(summary=evil, item="+1", conditions="@x", class_2="-2")]
    plain = workbook(sheet)
    page = openpyxl.load_workbook(io.BytesIO(plain))
    for cell in page.active[2]:
        if isinstance(cell.value, str) and cell.value.startswith("="):
            cell.data_type = "s"
    out = io.BytesIO()
    page.save(out)
    said = (await world.as_("provider", "POST", "/v1/catalog/import", File(out.getvalue(), XLSX))).ok()
    assert said["drafted"] == 1
    exported = await world.as_("provider", "GET", "/v1/catalog/export")
    cells = openpyxl.load_workbook(io.BytesIO(exported.body))["目录"][2]
    held = {cell.value: cell.data_type for cell in cells if cell.value}
    assert {held[text] for text in (evil, "+1", "@x", "-2")} == {"s"}
    text = (await world.as_("provider", "GET", "/v1/catalog/export?format=csv")).body.decode("utf-8-sig")
    for guarded in ("'=HYPERLINK", "'+1", "'@x", "'-2"):
        assert guarded in text


async def test_the_template_is_right_once_filled_in_and_explains_itself(world: World) -> None:
    answer = await world.as_("requester", "GET", "/v1/catalog/template")
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    assert book.sheetnames == ["目录", "填写说明", "值域"]
    page = book["目录"]
    choices = {str(one.sqref).split("2:")[0]: one.formula1 for one in page.data_validations.dataValidation}
    assert {"A", "J", "N", "Q", "V", "Y"} <= set(choices)
    listed = [cell.value for cell in book["值域"]["C"] if cell.value]
    assert listed[0] == "数据类型"
    assert choices["N"] == f"'值域'!$C$2:$C${len(listed)}"
    assert {row[0].value.split(" ")[0] for row in book["填写说明"].iter_rows(min_row=6)} == set(TITLES)
    for one in rows():
        page.append([one.get(key) for key in one_keys()])
    out = io.BytesIO()
    book.save(out)
    said = (await world.as_("provider", "POST", "/v1/catalog/import", File(out.getvalue(), XLSX))).ok()
    assert said["drafted"] == 2


def one_keys() -> list[str]:
    return [column.key for column in COLUMNS]
