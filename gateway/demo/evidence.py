"""Chapter six: what an auditor carries away. Files, a policy and a small program show it all; one changed bit is found."""

import json
import sys
import time
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from gateway.audit.rollover.model import log_signer
from gateway.cli.audit_trust import checker_bytes, policy_text
from gateway.deadlines import Line
from gateway.demo.api import Answer, expected
from gateway.demo.cast import AUDITOR, CIVIL_AFFAIRS, NATURAL_RESOURCES, department_name
from gateway.demo.processes import answered, gw
from gateway.demo.scene import Scene
from gateway.demo.stamping import APPLICATION, DECISION
from gateway.demo.step import Chapter, Happened, Step

_READY_SECONDS: Final = 60
_LINKS: Final = ("response", "intent", "grant", "decision", "application", "stamp", "stamp")
_NAMES: Final = {
    "response": "应答",
    "intent": "请求",
    "grant": "授权",
    "decision": "审批",
    "application": "申请",
}
_BESIDE: Final = ("body", "document", "document", "stamp", "stamp")


def export(scene: Scene) -> Happened:
    """All records of 自然资源局 as consumer; the answers it got are shown, what does not concern them is there as a stub."""
    asked = {
        "org": NATURAL_RESOURCES.code,
        "sides": ["consumer"],
        "filter": {"type": "call.released"},
        "tables": ["csv", "xlsx"],
    }
    made = scene.act(AUDITOR, "POST", "/v1/audit/exports", asked)
    ready = _ready(scene, f"/v1/audit/exports/{made['id']}")
    pack = expected_file(scene.control(AUDITOR, "GET", f"/v1/audit/exports/{made['id']}/pack"))
    folder = scene.world.folder / "evidence"
    folder.mkdir()
    (folder / "pack.zip").write_bytes(pack)
    (folder / "answer.json").write_bytes(scene.kept["answer"].raw)
    for kind in (APPLICATION, DECISION):
        document, stamp = scene.papers[kind]
        (folder / f"{kind}.json").write_bytes(document)
        (folder / f"{kind}.stamp").write_bytes(stamp)
    where = scene.world.installation
    signer = log_signer(where.settings.platform.org_code, where.master_key())
    (folder / "policy.txt").write_text(policy_text([str(signer.key)], where.settings), "utf-8")
    (folder / "checker").write_bytes(checker_bytes())
    lines = [
        Line(f"pack.zip: {len(pack)} bytes over {ready['records']} records", f"举证包 {len(pack)} 字节，覆盖 {ready['records']} 条记录"),
        Line("policy.txt: whom to believe; checker: the program, for Python alone", "信任策略 policy.txt；离线核验程序 checker，只需 Python"),
        Line("handed over with it: the answer, the application and the decision with their stamps",
             "另附：应答原文，盖章的申请、审批决定及其签章"),
    ]  # fmt: skip
    return Happened(
        "pack, policy and checker", AUDITOR.name, lines, {"records": ready["records"], "bytes": len(pack)}
    )


def check(scene: Scene) -> Happened:
    """The auditor's own machine: no gateway, no database, no network."""
    folder, request = scene.world.folder / "evidence", scene.kept["answer"].headers["Request-Id"]
    papers = [
        word
        for kind in (APPLICATION, DECISION)
        for word in ("--document", str(folder / f"{kind}.json"), "--stamp", str(folder / f"{kind}.stamp"))
    ]
    code, said = _checker(
        folder, "pack.zip", "--response", request, "--body", str(folder / "answer.json"), *papers
    )
    response = said.get("response", {})
    links = response.get("links", [])
    whole = code == 0 and response["whole"] and tuple(response["beside"]) == _BESIDE
    lines = [
        *(Line(f"complete: {one['side']} {one['first']} to {one['last']}", f"完整：需求方序号 {one['first']} 至 {one['last']}，无缺号") for one in said.get("ranges", [])),
        *(_told(one) for one in links),
        Line("answer, application, decision and both stamps are those on record", "应答、申请、审批决定及两枚签章的原文与记录一致"),
    ] if whole else [Line(str(said.get("detail")), str(said.get("detail_zh")))]  # fmt: skip
    proven = whole and tuple(one["as"] for one in links) == _LINKS
    outcome = "complete, and the answer's whole chain" if proven else "does not hold"
    return Happened(outcome, None, lines, said)


def examine_seals(scene: Scene) -> Happened:
    """Any machine examines the stamps again: with the papers, the authorities' certificates and their revocation lists."""
    folder, trust = scene.world.folder / "evidence", scene.world.seals.trust
    relied_on = ["--anchors", str(trust / "anchors"), "--maker-anchors", str(trust / "maker-anchors")]
    relied_on += ["--crl", str(trust / "signers.crl"), "--crl", str(trust / "makers.crl"), "--json"]
    lines, verdicts = list[Line](), list[str]()
    for kind, holder in ((APPLICATION, NATURAL_RESOURCES), (DECISION, CIVIL_AFFAIRS)):
        words = ["seal", "verify", str(folder / f"{kind}.stamp"), "--document", str(folder / f"{kind}.json")]
        _, said = gw(*words, *relied_on)
        signed = said["holder"]["name"] == holder.name.zh
        verdicts.append(said["verdict"] if signed else f"sealed by {said['holder']['name']}")
        lines.append(
            Line(
                f"{kind}: {said['verdict']}, by {holder.name.en}",
                f"{_NAMES[kind]}：有效，{said['holder']['name']}",
            )
        )
    return Happened(", ".join(verdicts), None, lines)


def find_the_bit(scene: Scene) -> Happened:
    """One bit of the answer's record is turned over in a copy; the checker names file, line and record."""
    folder, request = scene.world.folder / "evidence", scene.kept["answer"].headers["Request-Id"]
    copy = folder / "changed"
    with zipfile.ZipFile(folder / "pack.zip") as archive:
        archive.extractall(copy)
    changed = _turn_a_bit(copy / "records.ndjson", b64encode(UUID(request).bytes)[:22])
    code, said = _checker(folder, "changed")
    place = said.get("place", {})
    found = code == 1 and (place.get("file"), place.get("line"), place.get("index")) == (
        "records.ndjson",
        changed["line"],
        changed["index"],
    )
    lines = [
        Line(
            f"turned over: one bit of record {changed['index']}",
            f"翻转：第 {changed['index']} 号记录中的一个比特",
        ),
        Line(f"found: {said.get('detail')}", f"核验：{said.get('detail_zh')}"),
    ]
    outcome = "found at its record" if found else f"place {place}"
    return Happened(outcome, None, lines, {"changed": changed, "finding": said})


def expected_file(answer: Answer) -> bytes:
    """The file of an answer.

    Raises:
        NotAsExpected: there is none.
    """
    expected(answer, 200)
    return answer.raw


def _ready(scene: Scene, path: str) -> dict[str, Any]:
    give_up = time.monotonic() + _READY_SECONDS
    while True:
        answer = scene.control(AUDITOR, "GET", path)
        if answer.body.get("ready") or time.monotonic() > give_up:
            return expected(answer, 200)
        scene.world.ending.sleep(0.1)


def _turn_a_bit(file: Path, request: bytes) -> dict[str, int]:
    """``request`` is the request's id as events hold it: base64 without its end."""
    lines = file.read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if request in line and b'"call.released"' in line)
    line, place = bytearray(lines[at]), lines[at].index(b'"bytes":') + len(b'"bytes":')
    line[place] ^= 1
    index = json.loads(lines[at])["idx"]
    lines[at] = bytes(line)
    file.write_bytes(b"".join(lines))
    return {"index": index, "line": at + 1}


def _told(one: dict[str, Any]) -> Line:
    if "on" in one:
        return Line(
            f"sealed {one['on']}: record {one['index']}, by {department_name(one['org']).en}",
            f"{_NAMES[one['on']]}已盖章：第 {one['index']} 号记录，{department_name(one['org']).zh}",
        )
    return Line(
        f"{one['as']}: record {one['index']}, {one['type']} by {one['by']}",
        f"{_NAMES[one['as']]}：第 {one['index']} 号记录，{one['by']}",
    )


def _checker(folder: Path, pack: str, *more: str) -> tuple[int, dict[str, Any]]:
    """The checker file in a process of its own, which finds no gateway: exit code and JSON answer."""
    words = ["pack", "verify", str(folder / pack), "--policy", str(folder / "policy.txt"), *more, "--json"]
    return answered([sys.executable, "-I", str(folder / "checker"), *words], folder)


CHAPTER: Final = Chapter(
    Line("6. The evidence", "六、离线举证"),
    (
        Step("evidence-exported", Line("Export the records of one department as evidence", "导出一个部门的记录作为证据"),
             "pack, policy and checker", export),
        Step("evidence-checked", Line("Check it offline: ./checker pack verify", "离线核验：./checker pack verify"),
             "complete, and the answer's whole chain", check),
        Step("evidence-seals-examined", Line("Examine the seals offline: ./gw seal verify", "离线验章：./gw seal verify"),
             "valid, valid", examine_seals),
        Step("evidence-bit-found", Line("Turn one bit over: the checker names its place", "翻转一个比特：核验程序指出位置"),
             "found at its record", find_the_bit),
    ),
)  # fmt: skip
