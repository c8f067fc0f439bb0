"""JSON shapes of exports."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.audit.exports.model import RECORDS, USE_RECORDS, Export, State
from gateway.audit.record import EPOCH
from gateway.names import is_org_code
from gateway.proof.pack_asked import SIDES, TABLES, WHOLE_LOG, Asked
from gateway.web import Instant, Model, disagreement


def _org_code(text: str) -> str:
    if not is_org_code(text):
        raise disagreement("org", "is not a 统一社会信用代码 (GB 32100)", "不是统一社会信用代码（GB 32100）")
    return text


_Org = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), AfterValidator(_org_code)]
_Word = Annotated[str, StringConstraints(pattern=r"^\S(.{0,198}\S)?$")]
_MILLISECOND: Final = timedelta(milliseconds=1)
_Number = Annotated[int, Field(ge=0, le=2**53 - 1)]


class ExportFilter(Model):
    """What a record must say to be shown; all given must hold. Others of the range are there as stubs only."""

    type: _Word | None = None
    outcome: _Word | None = None
    reason: _Word | None = None
    actor: _Word | None = None
    consumer_org: _Org | None = None
    provider_org: _Org | None = None
    resource: _Word | None = None
    purpose: _Word | None = None
    matter: _Word | None = None
    case: _Word | None = None
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None
    grade: _Word | None = None
    application_id: UUID | None = None
    grant_id: UUID | None = None
    request_id: UUID | None = None


class ExportAsked(Model):
    """Which records, of whom, and as which tables beside the records themselves.

    ``kind`` ``use-records`` is the sealed archive pack of one department's use of data. Without ``org`` the whole log is
    exported; with it the department's records as consumer, as provider, or both. ``since`` counts, ``until`` does not;
    ``first`` and ``last`` are the department's own numbers instead, both included, and need exactly one side.
    """

    kind: Literal["records", "use-records"] = RECORDS
    org: _Org | None = None
    sides: Annotated[list[Literal["consumer", "provider"]], Field(min_length=1, max_length=2)] | None = None
    since: Instant | None = None
    until: Instant | None = None
    first: _Number | None = None
    last: _Number | None = None
    filter: ExportFilter = Field(default_factory=ExportFilter)
    tables: Annotated[list[Literal["csv", "xlsx"]], Field(max_length=2)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        numbers = self.first is not None or self.last is not None
        if self.org is None and (self.sides or self.kind == USE_RECORDS):
            raise disagreement(
                "org", "sides and use records are those of a department: name it", "须指明部门"
            )
        if numbers and (self.since or self.until or (self.org is not None and len(self.sides or ()) != 1)):
            raise disagreement(
                "numbers",
                "first and last need exactly one side and no times",
                "按序号导出须只选一个方向且不含时间",
            )
        if self.since and self.until and self.since >= self.until:
            raise disagreement("times", "since is before until", "起始时间须早于截止时间")
        if (self.first or 0) > (2**53 if self.last is None else self.last):
            raise disagreement("numbers", "first is not above last", "起始序号不得大于截止序号")
        if len(set(self.sides or ())) != len(self.sides or ()) or len(set(self.tables)) != len(self.tables):
            raise disagreement("twice", "a side or a table stands twice", "方向或表格重复")
        if self.kind == USE_RECORDS and (self.sides or numbers or self.filter.model_dump(exclude_none=True)):
            raise disagreement(
                "use-records", "an archive pack holds all use of a department: no sides, numbers or filter",
                "档案包含部门全部使用记录，不得指定方向、序号或筛选条件",
            )  # fmt: skip
        return self

    def asked(self) -> Asked:
        """In the words of the pack; both tables come with an archive pack."""
        archive = self.kind == USE_RECORDS
        sides = ("consumer",) if archive else tuple(self.sides or SIDES)
        chosen = {name: str(value) for name, value in self.filter.model_dump(exclude_none=True).items()}
        return Asked(
            self.kind, self.org or "", sides if self.org else (WHOLE_LOG,), _milliseconds(self.since),
            _milliseconds(self.until), self.first, self.last, chosen, TABLES if archive else tuple(self.tables),
        )  # fmt: skip


class ExportShown(Model):
    """An export as it stands: ``rows_done`` of ``rows`` are written, every record once and once more for every table.

    ``ready`` says whether its pack can be fetched; ``records`` are those the pack holds, ``reason`` says why it waits or how it
    ended, ``sha256`` is the pack's.
    """

    id: UUID
    state: State
    ready: bool
    asked: dict[str, object]
    asked_by: str
    records: int | None = None
    rows: int | None = None
    rows_done: int
    bytes: int
    reason: str | None = None
    asked_at: datetime
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, export: Export) -> "ExportShown":
        return cls(
            id=export.id, state=export.state, ready=export.state is State.DONE, asked=dict(export.asked),
            asked_by=export.asked_by, records=export.records, rows=export.rows, rows_done=export.rows_done,
            bytes=export.size, reason=export.reason or None, asked_at=export.asked_at,
            finished_at=export.finished_at, expires_at=export.expires_at,
            sha256=export.sha256.hex() if export.sha256 else None,
        )  # fmt: skip


def _milliseconds(at: datetime | None) -> int | None:
    """Milliseconds since 1970, rounded up: records are ordered at whole ones."""
    return None if at is None else -((EPOCH - at) // _MILLISECOND)
