"""Files that are no workbook, or that try to harm: refused in words, nothing stored, nothing left running."""

import io
import zipfile
from typing import Any

import pytest
from sheets import form, rows, workbook
from stage import contents
from world import File, World, running_world

from gateway.catalog.sheets.routes import XLSX


def bomb() -> bytes:
    """A workbook with a part of 200 MB that packs to 200 KB."""
    out = io.BytesIO(workbook(rows()))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.xml", bytes(200_000_000))
    return out.getvalue()


FILES = {
    "nothing": b"", "text": "姓名,电话".encode(), "half": workbook(rows())[:3000], "old": b"\xd0\xcf\x11\xe0" + bytes(99),
    "an archive": b"PK\x03\x04" + bytes(400), "a bomb": bomb(),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("path", ["/v1/catalog/check", "/v1/catalog/import?store=clean"])
async def test_what_is_no_plain_workbook_is_refused_in_words(
    name: str, path: str, shared_world: World
) -> None:
    answer = await shared_world.as_("provider", "POST", path, File(FILES[name], XLSX))
    said = answer.refused(422, "unreadable-workbook")
    assert "；" in said["detail_zh"] or "请" in said["detail_zh"]


async def test_limits_of_the_settings_hold(database: Any) -> None:
    limits = {"rows_max": 10, "faults_max": 10, "export_rows_max": 10}
    async with running_world(database, sheets=limits, web={"upload_bytes": 100_000}) as world:
        many = [{**one, "item": f"{at}", "item_name": None} for at in range(11) for one in rows()[:1]]
        (await world.as_("provider", "POST", "/v1/catalog/import", form(many[:10]))).ok()
        before = await contents(database)
        many += [{**many[0], "item": f"x{at}"} for at in range(10)]
        said = (await world.as_("provider", "POST", "/v1/catalog/check", form(many))).refused(
            422, "unreadable-workbook"
        )
        assert "10" in said["detail_zh"]
        wrong = [{**one, "type": "甲", "cycle": "乙"} for one in many[:10]]
        said = (await world.as_("provider", "POST", "/v1/catalog/check", form(wrong))).ok()
        assert (len(said["faults"]), said["faults_total"]) == (10, 11)
        (await world.as_("provider", "POST", "/v1/catalog/check", File(bytes(100_001), XLSX))).refused(
            413, "too-large"
        )
        assert await contents(database) == before
        assert (await world.as_("provider", "GET", "/v1/catalog/export")).status == 200
        other = [
            {**one, "code": "307011024701/000950", "name": "别的信息", "item_name": None}
            for one in rows()[:1]
        ]
        (await world.as_("provider", "POST", "/v1/catalog/import", form(other))).ok()
        (await world.as_("provider", "GET", "/v1/catalog/export")).refused(429, "export-too-large")


async def test_a_worker_that_runs_out_of_time_is_stopped_and_said(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.catalog.sheets import service

    real = service.run_worker

    async def hurried(module: str, payload: bytes, seconds: float, told: Any = None) -> bytes:
        return await real(module, payload, 0.01, told)

    monkeypatch.setattr(service, "run_worker", hurried)
    said = await shared_world.as_("provider", "POST", "/v1/catalog/check", form(rows()))
    assert "时间" in said.refused(422, "unreadable-workbook")["detail_zh"]
    (await shared_world.as_("provider", "GET", "/v1/catalog/export")).refused(503, "sheet-too-much-work")
