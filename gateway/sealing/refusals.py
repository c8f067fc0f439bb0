"""Why an act on seals and stamps is refused."""

from collections.abc import Sequence
from typing import Any

from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.sealing.words import Told, faults


class NoSuchSeal(NotFound):
    """There is no such electronic seal（没有该电子印章）."""


class NoSuchHolder(NotFound):
    """The department to hold the seal is not registered（拟登记印章的部门尚未登记）."""

    remedy = ("Register the department first: POST /v1/orgs.", "请先登记该部门（POST /v1/orgs）。")


class SealKnown(Conflict):
    """This seal is registered already（该电子印章已登记）."""

    remedy = (
        "A seal made anew under the same esID is registered once the former one is revoked.",
        "同一印章标识重新制作的印章，须在原印章注销后登记。",
    )


class SealNotInStatus(Conflict):
    """The seal's status cannot follow from its present one（印章当前状态不能如此变更）."""

    remedy = (
        "A lost seal can only be revoked, a revoked one stays revoked: have a new seal made and register it.",
        "挂失的印章只能注销，注销后不得恢复；请重新制章并登记。",
    )


class SealRefused(Invalid):
    """The seal does not stand its verification（电子印章核验不通过）."""

    remedy = (
        "See steps; have the seal made anew, or the trust in its maker and revocation lists configured (sealing.trust_dir).",
        "请查看 steps 所列步骤；重新制章，或由运维人员配置制章者信任锚与吊销列表（sealing.trust_dir）。",
    )


class StampRefused(Invalid):
    """The stamp does not stand its verification（签章核验不通过）."""

    remedy = (
        "See steps: each says what is wrong. Fetch the document anew and stamp exactly those bytes with your "
        "department's own seal.",
        "请查看 steps 所列步骤；重新下载文件，用本部门电子印章对该文件原文（逐字节）签章后提交。",
    )


class StampKnown(Conflict):
    """This stamp was filed already（该签章已提交过）."""

    remedy = ("Stamp the document anew to file another stamp.", "如需再次提交，请重新签章。")


class StampOver(Conflict):
    """This stamp was found invalid（该签章已核验为无效）."""

    remedy = ("Stamp the document anew and file that stamp.", "请重新签章后提交。")


class TooManyStamps(Conflict):
    """No more stamps are taken here（签章数量已达上限）."""

    remedy = ("Ask the platform to look at the stamps there are.", "请联系平台管理部门核对已提交的签章。")


class SealMissing(Conflict):
    """The department's electronic seal is missing（缺少部门电子印章）."""

    remedy = (
        "The department fetches the document, stamps exactly those bytes with its electronic seal and files the stamp.",
        "请由该部门下载文件原文，加盖电子印章后提交签章。",
    )


class SealUnproven(Conflict):
    """The department's electronic seal is not proven valid（部门电子印章未核验通过）."""

    remedy = (
        "See steps. Where something could not be confirmed, examine the stamp again once it can; else stamp anew.",
        "请查看 steps 所列步骤；属于暂无法判定的，条件具备后重新核验；属于核验不通过的，请重新签章。",
    )


def refused(kind: type[Invalid], steps: Sequence[Told]) -> Invalid:
    """A refusal that names each step which did not pass, in words."""
    none = FieldFault("", "nothing in it could be verified", "没有可核验的内容")
    refusal = kind(*(faults(steps) or [none]))
    refusal.extra["steps"] = shown(steps)
    return refusal


def shown(steps: Sequence[Told]) -> list[dict[str, Any]]:
    """Steps as JSON."""
    return [step.model_dump(mode="json") for step in steps]
