"""JSON shapes of checks and imports."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.catalog.sheets.model import Report
from gateway.web import Model


class SheetFaultShown(Model):
    """One fault; ``column`` holds its letters, ``row`` counts from 1 as the program shows it, 0 for the whole sheet."""

    sheet: str
    row: int
    column: str
    title: str
    code: str
    detail: str
    detail_zh: str
    remedy: str
    remedy_zh: str


class SheetReport(Model):
    """What a file holds and what was, or would be, done with it; ``left_out`` counts entries with faults."""

    sha256: str
    rows: int
    entries: int
    clean: bool
    stored: bool
    drafted: int
    changed: int
    unchanged: int
    left_out: int
    faults_total: int
    faults: list[SheetFaultShown]

    @classmethod
    def of(cls, report: Report) -> "SheetReport":
        return cls(
            sha256=report.sha256, rows=report.rows, entries=report.entries, clean=report.faults_total == 0,
            stored=report.stored, drafted=report.drafted, changed=report.changed, unchanged=report.unchanged,
            left_out=report.left_out, faults_total=report.faults_total,
            faults=[SheetFaultShown(**one.shown()) for one in report.faults],
        )  # fmt: skip


class ImportQuery(Model):
    """``store``: ``all`` stores nothing unless the whole file is clean; ``clean`` stores the entries without fault."""

    store: Literal["all", "clean"] = "all"


class ExportQuery(Model):
    """``scope``: the own department's entries in any state but withdrawn, or published ones of all or one department."""

    scope: Literal["own", "published"] = "own"
    provider_org: (
        Annotated[str, StringConstraints(max_length=18), Field(description="With published.")] | None
    ) = None
    format: Literal["xlsx", "csv"] = "xlsx"
