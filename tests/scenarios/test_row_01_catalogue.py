"""Row 1 of the mission: a department fills in the official form; every fault is named; corrected, it becomes drafts.

发改高技〔2017〕1272号 (编制指南): the form, one row per data item. Decree 809 Art. 13: each department lists what it holds.
"""

import io

import openpyxl
from sheets import rows
from world import File, World

from gateway.catalog.sheets.columns import COLUMNS
from gateway.catalog.sheets.routes import XLSX


async def test_a_form_with_faults_is_answered_cell_by_cell_and_once_corrected_becomes_drafts_to_submit(
    world: World,
) -> None:
    # The clerk of the providing department takes the template …
    template = await world.as_("provider", "GET", "/v1/catalog/template")
    book = openpyxl.load_workbook(io.BytesIO(template.body))
    page = book["目录"]
    for one in rows():
        page.append([one.get(column.key) for column in COLUMNS])
    # … and makes three of the usual mistakes: a code dragged on, a unit in a figure, no summary.
    page["F3"] = "307011024701/000802"
    page["AD4"] = "约20GB"
    page["I5"] = None

    # All three are named at once, in words, and nothing is stored.
    said = (await world.as_("provider", "POST", "/v1/catalog/import", saved(book))).refused(
        422, "sheet-faulty"
    )
    assert [f"{one['column']}{one['row']} {one['detail_zh']}" for one in said["faults"]] == [
        "F3 “307011024701/000802”由第 2 行拖拽填充递增而来",
        "AD4 “约20GB”不是整数",
        "I5 “信息资源摘要”为空",
    ]
    assert all(one["remedy_zh"] for one in said["faults"])
    assert (await world.as_("provider", "GET", "/v1/resources")).ok()["items"] == []

    # Corrected, the form checks clean; a check stores nothing either.
    page["F3"], page["AD4"], page["I5"] = page["F2"].value, page["AD2"].value, "信用等级及评定日期"
    page["I6"] = "信用等级及评定日期"
    checked = (await world.as_("provider", "POST", "/v1/catalog/check", saved(book))).ok()
    assert (checked["clean"], checked["drafted"], checked["stored"]) == (True, 2, False)
    assert (await world.as_("provider", "GET", "/v1/resources")).ok()["items"] == []

    # Imported, it is two drafts of this department, unseen by others.
    (await world.as_("provider", "POST", "/v1/catalog/import", saved(book))).ok()
    drafts = (await world.as_("provider", "GET", "/v1/resources")).ok()["items"]
    assert [(one["description"]["name"], one["state"]) for one in drafts] == [
        ("企业年报公示信息", "draft"), ("企业信用评级", "draft"),
    ]  # fmt: skip
    assert (await world.as_("requester", "GET", "/v1/resources")).ok()["items"] == []

    # Sending the same file again changes nothing.
    again = (await world.as_("provider", "POST", "/v1/catalog/import", saved(book))).ok()
    assert (again["drafted"], again["changed"], again["unchanged"]) == (0, 0, 2)


def saved(book: openpyxl.Workbook) -> File:
    """The workbook as it leaves the clerk's machine."""
    out = io.BytesIO()
    book.save(out)
    return File(out.getvalue(), XLSX)
