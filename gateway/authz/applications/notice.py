"""一次性告知: the one complete notice of what an application lacks, per version of its form (Decree 809 Art. 21)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gateway.authz.applications.form import REQUIRED, Form
from gateway.web import Instant, Line, Model, Note


class Part(StrEnum):
    """What a notice can ask for: a part of the form, or a paper beside it."""

    BASIS = "basis"
    """使用依据."""
    SCENE = "scene"
    """使用场景."""
    PURPOSE = "purpose"
    """使用场景代码."""
    SCOPE = "scope"
    """使用范围."""
    FIELDS = "fields"
    """信息项."""
    PARAMETERS = "parameters"
    """管控参数."""
    QUOTA = "daily_quota"
    """每日调用量."""
    VALID_FROM = "valid_from"
    """使用起始日期."""
    VALID_UNTIL = "valid_until"
    """使用截止日期."""
    MATTER = "matter"
    """事项编码."""
    SIGN_OFF = "sign_off"
    """共享工作机构负责人意见."""
    OTHER = "other"
    """其他材料."""


class NoticeItem(Model):
    """One thing that is missing: why it is needed, and what to do; in both languages where the gateway found it."""

    part: Part
    reason: Note
    reason_zh: Note
    remedy: Note
    remedy_zh: Note


class Notice(Model):
    """告知书: everything that is missing from one version, with the day until which to supply it."""

    form_version: int
    items: Annotated[list[NoticeItem], Field(min_length=1)]
    given_by: Line
    """The department that gave it: 统一社会信用代码."""
    given_at: Instant
    supply_by: date
    limit_days: int
    setting: Line
    """The version of the local setting the limit comes from."""
    source: Line
    source_zh: Line
    answered_at: Instant | None = None


def found_missing(form: Form) -> list[NoticeItem]:
    """What the gateway itself sees missing from a form."""
    return [
        NoticeItem(
            part=Part(name),
            reason=REQUIRED[name].fault,
            reason_zh=REQUIRED[name].fault_zh,
            remedy=REQUIRED[name].remedy,
            remedy_zh=REQUIRED[name].remedy_zh,
        )
        for name in form.missing()
    ]


def complete(given: list[NoticeItem], form: Form) -> list[NoticeItem]:
    """The items given, and before them what is missing and was not named: a notice is never less than complete."""
    named = {item.part for item in given}
    return [*(item for item in found_missing(form) if item.part not in named), *given]


def answered(notices: tuple[Notice, ...], at: datetime) -> tuple[Notice, ...]:
    """The notices when a new version comes in: the last one is answered by it."""
    if not notices or notices[-1].answered_at is not None:
        return notices
    return (*notices[:-1], notices[-1].model_copy(update={"answered_at": at}))
