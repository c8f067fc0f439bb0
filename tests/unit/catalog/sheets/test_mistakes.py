"""What clerks get wrong most, and what they are told: the cell, what is wrong, what to do, in both languages."""

from typing import Any

import pytest
from sheets import TITLES, Row, row, workbook
from world import PROVIDER

from gateway.catalog.sheets.assembly import Assembled, Assembly
from gateway.catalog.sheets.faults import SAID
from gateway.settings import Sheets
from gateway.workbooks import CellFault, read_workbook

OWN = "市场监管局"


def read(rows: list[Row], **more: Any) -> Assembled:
    found = read_workbook(workbook(rows, **more), Sheets())
    return Assembly(PROVIDER, OWN, lambda _: None).read(found)


def three(key: str, *values: Any) -> list[Row]:
    """One resource of as many rows as values, which stand in one column."""
    return [
        row(item=f"信息项{'甲乙丙丁'[at]}", item_name=None, **{key: value}) for at, value in enumerate(values)
    ]


MISTAKES: list[tuple[str, list[Row], str, str, str, str, str]] = [
    (
        "named after a system",
        [row(name="企业信用信息管理系统")],
        "目录!E2",
        "“企业信用信息管理系统”是系统名称，不是数据内容的名称",
        "请按数据内容命名，如“企业登记信息”。",
        "“企业信用信息管理系统” names a system, not its content",
        "Name what the data is about, such as 企业登记信息.",
    ),
    (
        "a resource code filled by dragging",
        three("code", "307011024701/000801", "307011024701/000802"),
        "目录!F3",
        "“307011024701/000802”由第 2 行拖拽填充递增而来",
        "请复制第 2 行的单元格，不要拖拽填充。",
        "“307011024701/000802” continues a series from row 2: it was filled by dragging",
        "Copy the cell of row 2 instead of dragging it.",
    ),
    (
        "a provider code too short",
        [row(provider_code=PROVIDER[:9])],
        "目录!H2",
        f"“{PROVIDER[:9]}”只有 9 位，提供方代码应为 18 位",
        "请完整填写本部门 18 位统一社会信用代码。",
        f"“{PROVIDER[:9]}” has 9 characters; a provider code has 18",
        "Copy the whole 统一社会信用代码 of the department.",
    ),
    (
        "the same name but for blanks and punctuation",
        [row(), row(name="企业 年报（公示）信息", code="307011024701/000899")],
        "目录!E3",
        "“企业 年报（公示）信息”与第 2 行名称相同（仅空格、标点或全半角不同）",
        "请合并为一个资源，或使用不同名称。",
        "“企业 年报（公示）信息” is the same name as in row 2 but for blanks or punctuation",
        "Merge the two entries, or give them names that differ.",
    ),
    (
        "no summary",
        [row(summary=" ")],
        "目录!I2",
        "“信息资源摘要”为空",
        "请填写：资源内容、范围、时段的简要说明。",
        "Summary is empty",
        "Fill it in: What the data is about.",
    ),
    (
        "a format type of another class",
        [row(format="电子表格", format_type="pdf", mode="文件")],
        "目录!K2",
        "“pdf”不属于格式分类“电子表格”",
        "应为：et、xls、xlsx、csv；或更正格式分类。",
        "“pdf” does not belong to the format class 电子表格",
        "Choose one of: et、xls、xlsx、csv; or correct the format class.",
    ),
    (
        "a file shared as an interface",
        [row(format="电子文件", format_type="pdf", mode="接口")],
        "目录!V2",
        "格式分类“电子文件”不能以“接口”方式共享",
        "请选择：文件。",
        "the format class 电子文件 cannot be shared as 接口",
        "Choose 文件.",
    ),
    (
        "a survey figure with its unit",
        [row(survey_bytes="约20GB")],
        "目录!AD2",
        "“约20GB”不是整数",
        "只填阿拉伯数字，不带单位；不清楚填 0。",
        "“约20GB” is not a whole number",
        "Write digits only, without unit; 0 if unknown.",
    ),
    (
        "a data type of their own",
        [row(type="文本")],
        "目录!N2",
        "“文本”不在“数据类型”的可选值中",
        "请从以下值中选择：字符型C、数值型N、货币型Y、日期型D、日期时间型T、逻辑型L、备注型M、通用型G、双精度型B、整型I、浮点型F、自定义U。",
        "“文本” is not in the list of Data type",
        "Choose one of: 字符型C、数值型N、货币型Y、日期型D、日期时间型T、逻辑型L、备注型M、通用型G、双精度型B、整型I、浮点型F、自定义U.",
    ),
    (
        "not shared, without the law",
        [row(sharing="不予共享", conditions="《中华人民共和国保守国家秘密法》第九条", basis="法律", reason=None)],
        "目录!T2",
        "不予共享未写明法律依据",
        "请在“共享条件”写明名称和条款，并填写“不予共享依据类别”“不予共享理由”；仅限法律、行政法规、国务院决定（条例第十四条）。",
        "not shared without its legal basis",
        "Fill 共享条件 with law and article, 不予共享依据类别 and 不予共享理由; only a law, an administrative regulation "
        "or a State Council decision will do (Decree 809 Art. 14).",
    ),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[0])
def test_the_ten_most_likely_mistakes_are_each_answered_at_their_cell_in_both_languages(
    mistake: tuple[str, list[Row], str, str, str, str, str],
) -> None:
    _, rows, cell, zh, remedy_zh, en, remedy = mistake
    faults = read(rows).faults
    assert [(one.sheet + "!" + one.column + str(one.row)) for one in faults] == [cell]
    assert (faults[0].zh, faults[0].remedy_zh) == (zh, remedy_zh)
    assert (faults[0].en, faults[0].remedy) == (en, remedy)


OTHERS: dict[str, tuple[list[Row], list[tuple[str, str]]]] = {
    "a code typed as a number": ([row(provider_code=116210000000000370)], [("H2", "number-cell")]),
    "a resource code without its slash": ([row(code="307011024701")], [("F2", "bad-code")]),
    "a provider code dragged on": ([row(provider_code=PROVIDER[:17] + "8")], [("H2", "bad-provider-code")]),
    "a provider code that differs within a resource": (
        three("provider_code", PROVIDER, "11621000MB00000024"), [("H3", "differs")]),
    "another department": (
        [row(provider="民政局", provider_code="11621000MB00000024")], [("G2", "other-provider"), ("H2", "other-provider-code")]),
    "no provider": ([row(provider=None)], [("G2", "empty")]),
    "a name dragged on, every row told": (
        three("name", "2023年企业年报1", "2023年企业年报2", "2023年企业年报3"), [("E3", "drifted"), ("E4", "drifted")]),
    "codes dragged on over many rows": (
        three("code", "307011024701/000801", "307011024701/000802", "307011024701/000803"),
        [("F3", "drifted"), ("F4", "drifted")]),
    "an item twice but for a blank": (
        [row(item="企业名称", item_name=None), row(item="企业 名称", item_name=None)], [("L3", "same-item")]),
    "an item name twice": ([row(item="甲"), row(item="乙")], [("M3", "same-item-name")]),
    "a service name twice": (
        [row(service="a-b"), row(service="a-b", code="307011024701/000900", name="别的信息")], [("AC3", "same-service")]),
    "a class that is not that of the code": ([row(class_1="基础")], [("A2", "class-of-code")]),
    "a database shared as a file": ([row(mode="文件")], [("V2", "mode-of-format")]),
    "sharing by mail": ([row(way="邮件方式")], [("U2", "elsewhere")]),
    "conditional without conditions": ([row(conditions=None)], [("R2", "no-conditions")]),
    "conditional with the word unconditional": ([row(conditions="无条件")], [("R2", "no-conditions")]),
    "unconditional with conditions": ([row(sharing="无条件共享")], [("R2", "spare-conditions")]),
    "a legal basis where data is shared": ([row(basis="法律")], [("S2", "spare-basis")]),
    "not shared, with nothing said": (
        [row(sharing="不予共享", conditions=None)], [("R2", "no-basis"), ("S2", "no-basis"), ("T2", "no-basis")]),
    "a local rule as basis": (
        [row(sharing="不予共享", conditions="某办法", basis="地方规定", reason="x")], [("S2", "not-in-list")]),
    "core data": ([row(grade="核心")], [("AB2", "grade")]),
    "one item not shared, without its law": (
        [row(), row(item="身份证号", item_name="b", sharing="不予共享", conditions=None)],
        [("R3", "no-basis"), ("S3", "no-basis"), ("T3", "no-basis")]),
    "a custom type without its name": ([row(type="自定义")], [("L2", "not-accepted")]),
    "a day that is none": ([row(published="2026-02-30")], [("Z2", "bad-day")]),
    "a related code that is none": ([row(related="307011024701/000001、abc")], [("AA2", "bad-code")]),
    "an error value": ([row(summary="#REF!")], [("I2", "error-value")]),
    "a first row without code": ([row(code=None)], [("F2", "no-code")]),
    "a length of nought": ([row(length=0)], [("O2", "not-accepted")]),
    "a service name in capitals": ([row(service="ABC")], [("AC2", "not-accepted")]),
    "an item name in Chinese": ([row(item_name="名称")], [("M2", "not-accepted")]),
    "a name far too long": ([row(name="很长" * 200)], [("E2", "not-accepted")]),
    "an error value where nothing is needed": ([row(length="#N/A")], [("O2", "error-value")]),
    "a formula": ([row(length="=1+1")], [("O2", "formula")]),
    "a formula where a value is needed": ([row(summary='="a"')], [("I2", "formula")]),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_each_further_mistake_is_told_at_its_cell(name: str) -> None:
    rows, expected = OTHERS[name]
    faults = read(rows).faults
    assert [(f"{one.column}{one.row}", one.code) for one in faults] == expected
    assert all(one.en and one.zh and one.remedy and one.remedy_zh for one in faults)


RIGHT: dict[str, list[Row]] = {
    "as the template says": [row()],
    "later rows left empty": [row(), {"item": "其他", "type": "C"}],
    "rows apart": [row(), row(code="307011024701/000900", name="别的信息"), row(item="乙", item_name="b")],
    "labels without their letters or with digits": [
        row(type="字符型", sharing="2", conditions="限审批", cycle="每天")
    ],
    "full-width digits": [row(length="１８", code="３０７０１１０２４７０１／０００８０１")],
    "unconditional in its own word": [row(sharing="无条件共享", conditions="无条件")],
    "not shared by law": [
        row(sharing="不予共享", conditions="《档案法》第一条", basis="法律", reason="依法不予共享")
    ],
    "related codes": [row(related="307011024701/000001、307011024701/000002")],
    "later rows in another spelling of the same": three("cycle", "每日", "每天"),
    "a day as Excel types it": [row(published="2026/1/31")],
    "named with a system in the middle": [row(name="信用系统用户登记情况")],
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_not_found_fault_with(name: str) -> None:
    found = read(RIGHT[name])
    assert found.faults == []
    assert all(entry["carried"] is not None for entry in found.entries)


def test_items_may_be_shared_each_in_its_own_way_and_the_entry_is_as_strict_as_the_strictest_on_offer() -> (
    None
):
    free = {"sharing": "无条件共享", "conditions": "无条件"}
    withheld = {
        "sharing": "不予共享",
        "conditions": "《居民身份证法》第十九条",
        "basis": "法律",
        "reason": "依法保密",
    }
    found = read([
        row(**free), row(item="乙", item_name="b"), row(item="丙", item_name="c", **withheld),
        row(item="丁", item_name="d", conditions="限统计使用"), {"item": "戊", "item_name": "e", "type": "C"},
    ])  # fmt: skip
    assert found.faults == []
    carried = found.entries[0]["carried"]
    assert (carried["sharing_class"], carried["conditions"]) == ("conditional", "限行政审批使用")
    own = [{key: value for key, value in item.items() if key not in ("title", "name", "type", "length", "personal")}
           for item in carried["items"]]  # fmt: skip
    basis = {"kind": "law", "citation": "《居民身份证法》第十九条", "reason": "依法保密"}
    assert own == [
        {"sharing_class": "unconditional"}, {}, {"sharing_class": "not_shared", "not_shared_basis": basis},
        {"sharing_class": "conditional", "conditions": "限统计使用"}, {"sharing_class": "unconditional"},
    ]  # fmt: skip


def test_survey_figures_left_empty_are_nought_once_one_is_given() -> None:
    carried = read([row(survey_bytes=None)]).entries[0]["carried"]
    assert carried["survey"] == {"stored_volume": 0, "stored_records": 1200} | dict.fromkeys(
        ("shared_volume", "shared_records", "open_volume", "open_records"), 0
    )


def test_titles_in_two_rows_and_with_remarks_are_understood() -> None:
    over = ["信息资源分类（必填）", None, None, None, *TITLES[4:]]
    under = {"class_1": "类", "class_2": "项", "class_3": "目", "class_4": "细目"}
    found = read([under, row()], titles=over)
    assert (found.faults, len(found.entries)) == ([], 1)


def test_missing_unknown_and_repeated_columns_are_told_and_do_not_hide_the_cells() -> None:
    titles = [*TITLES]
    titles[8], titles[12], titles[14] = "信息资源摘妖", "类", "领导批示"
    found = read([row(type="文本")], titles=titles)
    assert [(one.code, one.column) for one in found.faults] == [
        ("no-column", ""), ("unknown-column", "I"), ("column-twice", "M"), ("unknown-column", "O"), ("not-in-list", "N"),
    ]  # fmt: skip
    assert "是否为“信息资源摘要”" in found.faults[1].zh
    assert found.entries[0]["carried"] is None


def test_a_workbook_without_the_titles_is_told_once() -> None:
    found = read([row()], titles=["姓名", "电话"])
    assert [one.code for one in found.faults] == ["no-titles"]
    assert [one.code for one in read([]).faults] == ["no-rows"]


def test_every_fault_has_its_words_in_both_languages() -> None:
    for code, said in SAID.items():
        assert all((said.en, said.zh, said.remedy, said.remedy_zh)), code


def test_a_fault_knows_its_address() -> None:
    assert CellFault("x", "目录", 12, "F", "", "", "", "", "").cell == "目录!F12"
