"""Sealed papers (用印): the seals are registered, the application and the decision on it are stamped (电子签名法 Art. 13, 14)."""

from collections.abc import Iterable
from typing import Any, Final

from gateway.deadlines import Line
from gateway.demo.cast import (
    CIVIL_AFFAIRS,
    CIVIL_APPROVER,
    NATURAL_RESOURCES,
    PLATFORM_ADMIN,
    REQUESTER,
    Person,
)
from gateway.demo.forms import approval
from gateway.demo.refusals import refusal_lines
from gateway.demo.resources import MARRIAGES
from gateway.demo.scene import Scene
from gateway.demo.seals import SEALED
from gateway.demo.step import Happened

APPLICATION: Final = "application"
DECISION: Final = "decision"


def register_seals(scene: Scene) -> Happened:
    """Each seal is verified by itself before it is registered: format, maker, period, revocation."""
    for one in SEALED:
        scene.hand_in(PLATFORM_ADMIN, "/v1/seals", scene.world.seals.of[one.code].raw, org=one.code)
    lines = [Line(f"seal of {one.name.en}", f"{one.name.zh}电子印章") for one in SEALED]
    lines.append(
        Line(
            f"made for the story, {scene.world.seals.family}; a real one comes from the city's seal authority",
            f"演示自制，{scene.world.seals.family}；实际使用本市统一电子印章",
        )
    )
    return Happened(f"{len(SEALED)} seals", PLATFORM_ADMIN.name, lines)


def try_without_seal(scene: Scene) -> Happened:
    """A rule of the place asks for the seal, so the platform cannot accept without it."""
    path = f"/v1/applications/{scene.applications[MARRIAGES.key]}/review"
    answer = scene.control(PLATFORM_ADMIN, "POST", path, {"accept": True, "opinion": "受理。"})
    return Happened(answer.told, PLATFORM_ADMIN.name, refusal_lines(answer), {"problem": answer.body})


def seal_application(scene: Scene) -> Happened:
    """The very bytes of the application are fetched, stamped by 自然资源局's own software, and handed in."""
    application = f"/v1/applications/{scene.applications[MARRIAGES.key]}"
    document = scene.fetch(REQUESTER, f"{application}/document")
    raw = scene.world.seals.of[NATURAL_RESOURCES.code].stamp(document)
    stamped = scene.hand_in(REQUESTER, f"{application}/stamps", raw)
    scene.papers[APPLICATION] = (document, raw)
    return _stamped(stamped, document, REQUESTER)


def seal_decision(scene: Scene) -> Happened:
    """民政局 writes its decision down, stamps it, and takes this very decision afterwards."""
    application = f"/v1/applications/{scene.applications[MARRIAGES.key]}"
    given = approval(MARRIAGES, scene.today)
    scene.act(CIVIL_APPROVER, "POST", f"{application}/approve/draft", given)
    document = scene.fetch(CIVIL_APPROVER, f"{application}/decision-document")
    raw = scene.world.seals.of[CIVIL_AFFAIRS.code].stamp(document)
    stamped = scene.hand_in(CIVIL_APPROVER, f"{application}/decision-stamps", raw)
    scene.papers[DECISION] = (document, raw)
    return _stamped(stamped, document, CIVIL_APPROVER)


def _stamped(stamped: dict[str, Any], document: bytes, who: Person) -> Happened:
    steps = stamped["report"]["steps"]
    passed = sum(one["result"] == "pass" for one in steps)
    lines: Iterable[Line] = [
        Line(f"{len(document)} bytes stamped, SM3 {stamped['document_sm3'][:16]}…",
             f"对 {len(document)} 字节原文用印，SM3 {stamped['document_sm3'][:16]}…"),
        Line(f"examined in {len(steps)} steps, {passed} of them apply and pass", f"验章 {len(steps)} 步，适用的 {passed} 步全部通过"),
    ]  # fmt: skip
    outcome = f"{stamped['verdict']} seal on the {stamped['document']}"
    return Happened(outcome, who.name, list(lines), {"stamp": stamped["id"], "sha256": stamped["sha256"]})
