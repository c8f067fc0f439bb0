"""JSON shapes of roster checks and imports."""

from gateway.identity.roster.service import Report
from gateway.web import Model


class RosterFaultShown(Model):
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


class RosterReport(Model):
    """What a file holds and what was, or would be, done with it."""

    sha256: str
    rows: int
    clean: bool
    stored: bool
    registered: int
    changed: int
    ended: int
    unchanged: int
    faults_total: int
    faults: list[RosterFaultShown]

    @classmethod
    def of(cls, report: Report) -> "RosterReport":
        return cls(
            sha256=report.sha256, rows=report.rows, clean=report.faults_total == 0, stored=report.stored,
            registered=report.registered, changed=report.changed, ended=report.ended, unchanged=report.unchanged,
            faults_total=report.faults_total, faults=[RosterFaultShown(**one.shown()) for one in report.faults],
        )  # fmt: skip
