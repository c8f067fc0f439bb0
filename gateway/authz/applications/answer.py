"""What a provider answers (答复): what was asked beside what is given, and why something is refused."""

from typing import Annotated

from pydantic import Field

from gateway.authz.applications.form import SignOff
from gateway.authz.applications.model import RefusalReason
from gateway.authz.applications.narrowing import Narrowed
from gateway.authz.grants.constraint import Constraint
from gateway.authz.grants.model import Terms
from gateway.catalog import Description
from gateway.errors import FieldFault
from gateway.names import tidy
from gateway.web import Model, Note

FormVersion = Annotated[int, Field(ge=1, le=10000)]
"""Which version of the form an act is about: nobody decides on a form he has not seen."""


class Approval(Model):
    """The provider agrees; ``narrowed`` says what is given less than asked."""

    form_version: FormVersion = 1
    narrowed: Narrowed = Narrowed()
    opinion: Note | None = None
    sign_off: SignOff


class Refusal(Model):
    """The provider does not agree, and says why.

    ``conditions_not_met`` quotes the ``condition`` of the catalogue that is not met; every other reason names its
    legal ``basis``.
    """

    form_version: FormVersion = 1
    reason: RefusalReason
    basis: Note | None = None
    condition: Note | None = None
    explanation: Note
    sign_off: SignOff


class Change(Model):
    """One bound that an approval narrowed: asked → granted, and the same in words."""

    part: str
    asked: str
    granted: str
    text: str
    text_zh: str


def changes(asked: Terms, granted: Terms, description: Description) -> list[Change]:
    """What an approval gives less than was asked, part by part; empty if all of it."""
    found = []
    left_out = [name for name in asked.fields if name not in granted.fields]
    if left_out:
        titles = "、".join(_title(description, name) for name in left_out)
        found.append(
            Change(
                part="fields", asked=", ".join(asked.fields), granted=", ".join(granted.fields),
                text=f"not granted: {', '.join(left_out)}", text_zh=f"不予提供：{titles}",
            )
        )  # fmt: skip
    for name, bound in granted.parameters.items():
        before = asked.parameters.get(name)
        if bound != before:
            found.append(_changed_bound(name, before, bound))
    if granted.daily_quota != asked.daily_quota:
        found.append(
            _changed("daily_quota", "calls a day", "每日调用量", asked.daily_quota, granted.daily_quota)
        )
    if granted.valid_until != asked.valid_until:
        found.append(
            _changed("valid_until", "last day of use", "使用截止日期", asked.valid_until, granted.valid_until)
        )
    given = granted.rules.model_dump(mode="json", exclude_defaults=True)
    found += [
        _changed(f"rules/{name}", f"rule {name}", f"调用规则 {name}", "none", value, "无")
        for name, value in given.items()
        if granted.rules != asked.rules
    ]
    return found


def _changed_bound(name: str, asked: Constraint | None, granted: Constraint) -> Change:
    return _changed(
        f"parameters/{name}", f"parameter {name}", f"参数 {name}", _bound(asked, "any"), _bound(granted, ""), _bound(asked, "不限")
    )  # fmt: skip


def _changed(part: str, en: str, zh: str, asked: object, granted: object, asked_zh: object = None) -> Change:
    return Change(
        part=part, asked=str(asked), granted=str(granted), text=f"{en}: {asked} → {granted}",
        text_zh=f"{zh}：{asked_zh or asked} → {granted}",
    )  # fmt: skip


def _bound(bound: Constraint | None, nothing: str) -> str:
    if bound is None:
        return nothing
    return bound.text()


def _title(description: Description, name: str) -> str:
    item = description.item(name)
    return f"{item.title}（{name}）" if item else name


def refusal_faults(refusal: Refusal) -> list[FieldFault]:
    """What a refusal lacks: the condition or the basis its reason stands on."""
    by_condition = refusal.reason is RefusalReason.CONDITIONS
    if by_condition and refusal.condition is None:
        return [
            FieldFault("/condition", "quote the condition of the catalogue that is not met", "请引用目录所列、未满足的共享条件原文")
        ]  # fmt: skip
    if not by_condition and refusal.condition is not None:
        return [
            FieldFault("/condition", "belongs to the reason conditions_not_met", "仅“不符合目录所列共享条件”时填写")
        ]  # fmt: skip
    if not by_condition and refusal.basis is None:
        return [
            FieldFault("/basis", "name the law or rule this refusal stands on", "请写明不同意共享的法律法规或规定依据")
        ]  # fmt: skip
    return []


def is_in_catalogue(condition: str, description: Description) -> bool:
    """Whether a condition is one the catalogue lists, quoted as it stands there (Decree 809 Art. 15)."""
    return tidy(condition) in tidy(description.conditions or "")
