"""Whether an application and its decision carry the electronic seals they must (用印): the gate before an act.

A rule asks for a seal by resource and grade. What is missing, invalid or indeterminate never opens the gate; the
refusal names the steps that did not pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from gateway.authz.applications import store
from gateway.authz.applications.model import Application
from gateway.catalog import Resource
from gateway.deadlines import local_day
from gateway.names import OrgCode
from gateway.sealing.refusals import SealMissing, SealUnproven, shown
from gateway.sealing.rules import Kind, Rule, Rules
from gateway.sealing.stamps import FiledStamp, Stamps
from gateway.sealing.stamps.model import best
from gateway.storage import Connection

SealState = Literal["none", "valid", "indeterminate", "invalid"]
_NAMES: Final = {
    Kind.APPLICATION: ("the application", "共享申请"),
    Kind.DECISION: ("the decision", "审批决定"),
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """How a document stands: the rule that asks for a seal, if one does, and the stamp it stands by."""

    kind: Kind
    org: OrgCode
    rule: Rule | None
    document_sm3: bytes | None
    stamp: FiledStamp | None

    @property
    def state(self) -> SealState:
        """Whether a seal is there and what it is worth."""
        if self.stamp is None:
            return "none"
        if self.stamp.counts:
            return "valid"
        failed = any(each.result == "fail" for each in self.stamp.obstacles)
        return "invalid" if failed else "indeterminate"


class SealGate:
    """Reads rules and stamps; ``now`` gives the present instant with its zone."""

    def __init__(self, rules: Rules, stamps: Stamps, now: Callable[[], datetime]) -> None:
        self._rules = rules
        self._stamps = stamps
        self._now = now

    async def standing(self, tx: Connection, one: Application, resource: Resource) -> tuple[Sealed, ...]:
        """The application's seal, and that of the decision that took effect; of a draft nothing is told."""
        applied, decided = await store.document_digests(tx, one)
        filed = await self._stamps.on(tx, one.id)
        return tuple(
            self._sealed(kind, one, resource, sm3, filed)
            for kind, sm3 in ((Kind.APPLICATION, applied), (Kind.DECISION, decided))
        )

    async def check_application(self, tx: Connection, one: Application, resource: Resource) -> None:
        """Before an application is accepted, provided or agreed to.

        Raises:
            SealMissing, SealUnproven.
        """
        if self._rule(Kind.APPLICATION, one, resource):
            applied, _ = await store.document_digests(tx, one)
            filed = await self._stamps.on(tx, one.id)
            _check(self._sealed(Kind.APPLICATION, one, resource, applied, filed))

    async def check_decision(self, tx: Connection, one: Application, resource: Resource, sm3: bytes) -> None:
        """Before a decision takes effect; ``sm3`` is of the decision's document.

        Raises:
            SealMissing, SealUnproven.
        """
        if self._rule(Kind.DECISION, one, resource):
            filed = await self._stamps.on(tx, one.id)
            _check(self._sealed(Kind.DECISION, one, resource, sm3, filed))

    def asking(self, resource: Resource) -> dict[Kind, Rule]:
        """The rules that ask for a seal on what is filed and decided today."""
        today, what = local_day(self._now()), resource.description
        found = {kind: self._rules.asking(kind, what.code, what.grade, today) for kind in Kind}
        return {kind: rule for kind, rule in found.items() if rule}

    def _rule(self, kind: Kind, one: Application, resource: Resource) -> Rule | None:
        at = one.filed_at if kind is Kind.APPLICATION else one.decided_at or self._now()
        what = resource.description
        return self._rules.asking(kind, what.code, what.grade, local_day(at))

    def _sealed(
        self, kind: Kind, one: Application, resource: Resource, sm3: bytes | None, filed: list[FiledStamp]
    ) -> Sealed:
        org = one.consumer_org if kind is Kind.APPLICATION else one.provider_org
        own = [each for each in filed if each.kind is kind and each.document_sm3 == sm3]
        return Sealed(kind, org, self._rule(kind, one, resource), sm3, best(own))


def _check(sealed: Sealed) -> None:
    if sealed.state == "valid" or sealed.rule is None:
        return
    (en, zh), rule = _NAMES[sealed.kind], sealed.rule
    why = {"rule": rule.id, "source": rule.source, "source_zh": rule.source_zh}
    if sealed.stamp is None:
        raise SealMissing(
            f"{en} must carry the electronic seal of {sealed.org} ({rule.source}); no stamp is filed on it as it reads now",
            f"{zh}须加盖 {sealed.org} 的电子印章（{rule.source_zh}），当前版本尚未提交签章",
            document=sealed.kind, **why,
        )  # fmt: skip
    steps = sealed.stamp.obstacles
    said = "; ".join(f"{each.step} {each.name}: {each.text}" for each in steps)
    said_zh = "；".join(f"{each.step} {each.name_zh}：{each.text_zh}" for each in steps)
    raise SealUnproven(
        f"the stamp of {sealed.org} on {en} is {sealed.state}: {said}", f"{zh}上 {sealed.org} 的签章未核验通过：{said_zh}",
        document=sealed.kind, stamp_id=str(sealed.stamp.id), steps=shown(steps), **why,
    )  # fmt: skip
