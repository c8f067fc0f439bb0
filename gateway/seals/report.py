"""The result of a verification: one line per step, and the verdict they add up to."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Literal

from gateway.seals.model import Deviation

Result = Literal["pass", "fail", "unknown", "skipped"]
Verdict = Literal["valid", "invalid", "indeterminate"]

_STANDARDS: Final = {"1": "GM/T 0031-2014", "4": "GB/T 38540-2020", "5": "GM/T 0031-2025"}
STEPS: Final = {
    "S0": ("limits", "大小限制", ""),
    "S1": ("format", "格式", "数据格式"),
    "S2": ("algorithm", "算法", "签名算法标识"),
    "S3": ("stamp signature", "签章签名值", "电子签章验证"),
    "S4": ("timestamp", "时间戳", "电子签章验证"),
    "S5": ("signer certificate", "签章者证书", "签章者证书有效性"),
    "S6": ("signer revocation", "签章者证书吊销", "签章者证书有效性"),
    "S7": ("signer listed", "签章者在印章名单中", "签章者证书与印章匹配"),
    "S8": ("data hash", "原文杂凑值", "原文杂凑值"),
    "S9": ("property info", "原文属性信息", "签章原文属性"),
    "S10": ("references", "文件引用", "GB/T 33190 签名引用"),
    "S11": ("seal signature", "印章签名值", "电子印章验证"),
    "S12": ("maker certificate", "制章者证书", "制章者证书有效性"),
    "S13": ("maker revocation", "制章者证书吊销", "制章者证书有效性"),
    "S14": ("seal period", "印章有效期", "印章有效期"),
    "S15": ("seal status", "印章状态", ""),
    "S16": ("seal copy", "印章副本", ""),
    "S17": ("binding", "与申请绑定", ""),
}
"""Step: name, name in Chinese, the subject in the seal standard (empty where the rule is ours)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step's result; ``code`` is a stable word."""

    step: str
    result: Result
    code: str
    clause: str
    detail: str = ""
    deviations: tuple[Deviation, ...] = ()

    @property
    def name(self) -> str:
        """The step in words."""
        return STEPS[self.step][0]

    @property
    def name_zh(self) -> str:
        """The step in Chinese words."""
        return STEPS[self.step][1]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose seal it is, as the seal says."""

    name: str
    es_id: str
    vid: str
    type: int


@dataclass(frozen=True, slots=True)
class Times:
    """When: claimed by the signer, proven by a timestamp, the one the steps were judged at, the seal's period."""

    claimed: datetime | None = None
    proven: datetime | None = None
    judged_at: datetime | None = None
    created: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found."""

    kind: str
    steps: tuple[Step, ...]
    version: str | None = None
    holder: Holder | None = None
    signer: str | None = None
    maker: str | None = None
    times: Times = field(default_factory=Times)
    parts: tuple["Report", ...] = ()
    """The stamps of a document that holds several."""

    @property
    def verdict(self) -> Verdict:
        """Any fail: invalid; else any unknown: indeterminate; else valid. A part speaks like a step."""
        of_parts: dict[Verdict, Result] = {"valid": "pass", "invalid": "fail", "indeterminate": "unknown"}
        parts = [of_parts[part.verdict] for part in self.parts]
        return verdict_of([*(step.result for step in self.steps), *parts])

    @property
    def codes(self) -> tuple[str, ...]:
        """What a reader should see first: of failed and unknown steps, then remarks on passed ones."""
        told = [step for step in self.steps if step.result != "skipped" or step.code == "TIME_NOT_PROVEN"]
        order = ("fail", "unknown", "pass", "skipped")
        return tuple(
            step.code for wanted in order for step in told if step.result == wanted and step.code != "OK"
        )

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Every tolerated departure from the standard."""
        return tuple(deviation for step in self.steps for deviation in step.deviations)


def verdict_of(results: Iterable[Result]) -> Verdict:
    """Any fail: invalid; any unknown, or nothing passed at all: indeterminate; else valid."""
    found = set(results)
    if "fail" in found:
        return "invalid"
    return "indeterminate" if "unknown" in found or "pass" not in found else "valid"


@cache
def clause(step: str, version: str | None) -> str:
    """The standard and the subject in it that a step follows."""
    subject = STEPS[step][2]
    if not subject:
        return ""
    return (
        subject
        if subject.startswith("GB/T")
        else f"{_STANDARDS.get(version or '', 'GB/T 38540-2020')} {subject}"
    )


def shown(report: Report) -> dict[str, Any]:
    """A report as JSON; times are ISO 8601 in UTC."""
    return {
        "verdict": report.verdict,
        "kind": report.kind,
        "version": report.version,
        "codes": list(report.codes),
        "steps": [_step_shown(step) for step in report.steps],
        "holder": asdict(report.holder) if report.holder else None,
        "signer": report.signer,
        "maker": report.maker,
        "times": {
            name: when.astimezone(UTC).isoformat() if when else None
            for name, when in asdict(report.times).items()
        },
        "deviations": [asdict(deviation) for deviation in report.deviations],
        "parts": [shown(part) for part in report.parts],
    }


def _step_shown(step: Step) -> dict[str, Any]:
    plain = {**asdict(step), "name": step.name, "name_zh": step.name_zh}
    return {**plain, "deviations": [asdict(deviation) for deviation in step.deviations]}
