"""What a trial finds: misfits of the records against the description, and the masked sample."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.catalog.description import DataItem, Description
from gateway.catalog.masking import content_fault, looks_personal, masked
from gateway.errors import FieldFault, GatewayError

SHOWN_MAX: Final = 3
"""Records shown as a sample."""
CHECKED_MAX: Final = 200
"""Records checked."""

Typed = Callable[[DataItem, Mapping[str, Any], Mapping[str, str]], Any]
"""The value of an item in a provider's record (names differ by the mapping), as a call would release it."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """One way in which the source differs from the description; ``item`` is empty where it is no described item."""

    code: str
    item: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: number of records, misfits, masked sample; ``problem`` where the source gave nothing usable."""

    records: int
    misfits: list[Misfit]
    sample: list[dict[str, Any]]
    problem: GatewayError | None = None

    @property
    def fits(self) -> bool:
        """Whether the mount could serve calls as described."""
        return self.problem is None and not self.misfits


def parameter_faults(description: Description, given: Mapping[str, str]) -> list[FieldFault]:
    """What is wrong with sample parameters: the same rules as for a call."""
    declared = {one.name: one for one in description.parameters}
    faults = [
        FieldFault(f"/parameters/{name}", "not a parameter of this resource", "该资源没有此参数")
        for name in given
        if name not in declared
    ]
    for name, parameter in declared.items():
        if name not in given:
            if parameter.required:
                faults.append(FieldFault("/parameters", f"{name} is required", f"缺少必填参数 {name}"))
        elif fault := parameter.fault(given[name]):
            faults.append(FieldFault(f"/parameters/{name}", fault, "参数取值不正确"))
    return faults


def judged(
    records: Sequence[Mapping[str, Any]], description: Description, sources: Mapping[str, str], typed: Typed
) -> Trial:
    """Hold what the source gave against the description; each misfit is told once per item."""
    checked = records[:CHECKED_MAX]
    found: dict[tuple[str, str], Misfit] = {}
    sample: list[dict[str, Any]] = []
    for record in checked:
        shown: dict[str, Any] = {}
        for item in description.items:
            value = _value(record, item, sources, typed, found)
            shown[item.name] = masked(item, value)
        if len(sample) < SHOWN_MAX:
            sample.append(shown)
    for misfit in _unread_states(checked, description, sources):
        found[misfit.code, misfit.item] = misfit
    for misfit in _unmentioned(checked, description, sources):
        found[misfit.code, misfit.item] = misfit
    if not records:
        found["no-records", ""] = Misfit(
            "no-records",
            "",
            "no record answers these parameters: nothing could be checked",
            "样例参数没有查到记录，无法核对",
        )
    return Trial(len(records), list(found.values()), sample)


def _value(
    record: Mapping[str, Any],
    item: DataItem,
    sources: Mapping[str, str],
    typed: Typed,
    found: dict[tuple[str, str], Misfit],
) -> Any:
    try:
        value = typed(item, record, sources)
    except GatewayError as wrong:
        found["does-not-fit", item.name] = Misfit("does-not-fit", item.name, wrong.detail, wrong.detail_zh)
        return None
    if value is not None and item.content is not None and content_fault(item.content, value):
        found["wrong-check-digit", item.name] = Misfit(
            "wrong-check-digit",
            item.name,
            f"{item.name}: not a valid {item.content}",
            f"“{item.title}”的取值校验不通过",
        )
    if not item.personal and looks_personal(value):
        found["not-marked-personal", item.name] = Misfit(
            "not-marked-personal",
            item.name,
            f"{item.name} looks like an id or phone number but is not marked personal",
            f"“{item.title}”疑似公民身份号码或手机号码，但未标注为个人信息",
        )
    return value


def _unread_states(
    records: Sequence[Mapping[str, Any]], description: Description, sources: Mapping[str, str]
) -> Iterator[Misfit]:
    """Words for a licence's state that the catalogue does not explain: each would stop a call."""
    licence = description.licence
    if licence is None:
        return
    said = {str(record.get(sources.get(licence.state, licence.state))) for record in records}
    if unknown := sorted(word[:60] for word in said - licence.states.keys()):
        words = "、".join(unknown)[:300]
        yield Misfit(
            "licence-state-unexplained", licence.state, f"states the catalogue does not explain: {words}",
            f"目录未说明的证照状态：{words}",
        )  # fmt: skip


def _unmentioned(
    records: Sequence[Mapping[str, Any]], description: Description, sources: Mapping[str, str]
) -> Iterator[Misfit]:
    """Fields of the source that the catalogue does not list: never released, but perhaps forgotten."""
    known = {sources.get(item.name, item.name) for item in description.items}
    extra = sorted({name for record in records for name in record} - known)
    if extra:
        names = ", ".join(extra)[:300]
        yield Misfit("not-described", "", f"the source also has: {names}", f"来源中还有未编目的字段：{names}")
