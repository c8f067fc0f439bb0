"""Chapter five: what is left to prove it all. The auditor lists the records; the verifier finds a changed byte."""

import json
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit import EventType
from gateway.deadlines import SHANGHAI, Line
from gateway.demo.cast import AUDITOR
from gateway.demo.forms import QUOTA
from gateway.demo.processes import gw
from gateway.demo.resources import MARRIAGES
from gateway.demo.scene import Scene
from gateway.demo.step import Chapter, Happened, Step

_ORDERED_SECONDS: Final = 60
_ACTS: Final = {
    EventType.RESOURCE_PUBLISHED: 5,
    EventType.APPLICATION_FILED: 5,
    EventType.APPLICATION_ACCEPTED: 4,
    EventType.APPLICATION_PROVIDED: 2,
    EventType.APPLICATION_APPROVED: 2,
    EventType.APPLICATION_NOT_ACCEPTED: 1,
    EventType.APPLICATION_NOT_SHAREABLE: 1,
    EventType.STAMP_FILED: 2,
    EventType.GRANT_ISSUED: 4,
    EventType.GRANT_REVOKED: 1,
}
"""What the story did, as the log must have it."""

_QUIET: Final = (EventType.AUDIT_QUERIED, EventType.PERSON_TOKEN_ISSUED, EventType.TOKEN_ISSUED)


def list_records(scene: Scene) -> Happened:
    """Every act and every call is on record, the refused ones too."""
    records = _ordered_records(scene)
    counted = Counter(record["event"]["type"] for record in records)
    missing = [f"{kind} {counted[kind]}/{count}" for kind, count in _ACTS.items() if counted[kind] != count]
    missing += _calls_missing(scene, records)
    shown = [record for record in records if record["event"]["type"] not in _QUIET]
    lines = [Line("", _row(record)) for record in shown]
    rest = len(records) - len(shown)
    lines.append(
        Line(
            f"{len(records)} records, {rest} of tokens and queries not shown",
            f"共 {len(records)} 条，其中令牌与查询 {rest} 条未列出",
        )
    )
    scene.kept["records"] = records
    outcome = f"missing: {', '.join(missing)}" if missing else "every act and call on record"
    return Happened(outcome, AUDITOR.name, lines, {"records": len(records), "by_type": dict(counted)})


def verify(scene: Scene) -> Happened:
    """``./gw audit verify``, as anybody on the box may run it."""
    code, said = gw("audit", "verify", "--data-dir", str(scene.world.installation.data_dir), "--json")
    line = Line(f"{said['size']} records, root {said['root']}", f"{said['size']} 条记录，树根 {said['root']}")
    return Happened("intact" if code == 0 and said["ok"] else "broken", None, [line], said)


def find_a_changed_byte(scene: Scene) -> Happened:
    """One digit of one record is changed in a copy: the quota 民政局 granted. The verifier names the record."""
    dump, copy = scene.world.folder / "audit.dump", scene.world.folder / "changed.dump"
    gw("audit", "dump", str(dump), "--data-dir", str(scene.world.installation.data_dir), "--json")
    changed = _change_quota(dump, copy, scene.grants[MARRIAGES.key])
    code, said = gw("audit", "verify", "--dump", str(copy), "--json")
    finding = said["finding"] or {}
    named = code == 1 and finding.get("event_id") == changed["id"] and finding.get("idx") == changed["idx"]
    lines = [
        Line(f"changed: quota {QUOTA} to 9 in record {changed['idx']}", f"改动：第 {changed['idx']} 号记录，配额 {QUOTA} 改为 9"),
        Line(f"found: {finding.get('problem')} at record {finding.get('idx')}, line {finding.get('line')}, event {finding.get('event_id')}",
             f"核验：第 {finding.get('idx')} 号记录不一致（第 {finding.get('line')} 行），事件 {finding.get('event_id')}"),
    ]  # fmt: skip
    outcome = f"{finding.get('problem')} at the changed record" if named else f"finding {finding}"
    return Happened(outcome, None, lines, {"changed": changed, "finding": finding})


def _ordered_records(scene: Scene) -> list[dict[str, Any]]:
    """All records, oldest first, once the last call is among them: it is ordered a moment after its act."""
    last, give_up = scene.calls[-1].request_id, time.monotonic() + _ORDERED_SECONDS
    while True:
        found = _all_pages(scene)
        if any(one["event"].get("request_id") == last for one in found) or time.monotonic() > give_up:
            return found[::-1]
        scene.world.ending.sleep(0.1)


def _all_pages(scene: Scene) -> list[dict[str, Any]]:
    found, query = list[dict[str, Any]](), {"limit": "200"}
    while True:
        page = scene.act(AUDITOR, "GET", "/v1/audit/events", **query)
        found += page["items"]
        if "next_cursor" not in page:
            return found
        query["cursor"] = page["next_cursor"]


def _calls_missing(scene: Scene, records: list[dict[str, Any]]) -> list[str]:
    kinds: dict[str, set[str]] = {}
    for record in records:
        kinds.setdefault(record["event"].get("request_id", ""), set()).add(record["event"]["type"])
    permitted, refused = {EventType.CALL_INTENDED, EventType.CALL_RELEASED}, {EventType.CALL_REFUSED}
    return [
        f"call {call.request_id}"
        for call in scene.calls
        if kinds.get(call.request_id, set()) - {EventType.CALL_SEGMENT}
        != (refused if call.refused_because else permitted)
    ]


def _row(record: dict[str, Any]) -> str:
    event = record["event"]
    at = datetime.fromisoformat(record["recorded_at"]).astimezone(SHANGHAI)
    who = event["who"].get("id") or event["who"]["kind"]
    reason = f"  {event['reason']}" if event.get("reason") else ""
    kind = EventType(event["type"])
    return (
        f"{record['idx']:>4}  {at:%H:%M:%S}  {event['outcome']:<5}  {kind.zh}  {event['type']}  {who}{reason}"
    )


def _change_quota(dump: Path, copy: Path, grant: str) -> dict[str, Any]:
    before = f'\\"daily_quota\\":{QUOTA}'.encode()
    lines = dump.read_bytes().splitlines(keepends=True)
    at = next(
        number
        for number, line in enumerate(lines)
        if before in line and grant.encode() in line and EventType.GRANT_ISSUED.encode() in line
    )
    record = json.loads(lines[at])["record"]
    lines[at] = lines[at].replace(before, before[:-1] + b"9")
    copy.write_bytes(b"".join(lines))
    return {"idx": record["idx"], "id": record["event_id"], "line": at + 1}


CHAPTER: Final = Chapter(
    Line("5. The proof", "五、审计与核验"),
    (
        Step("audit-listed", Line("The auditor lists the records of the story", "审计管理员查询本次全部记录"),
             "every act and call on record", list_records),
        Step("audit-verified", Line("Verify the log: ./gw audit verify", "核验审计日志：./gw audit verify"), "intact", verify),
        Step("audit-change-found", Line("Change one byte in a copy: the verifier names the record", "改动副本一个字节：核验指出该条记录"),
             "leaf-differs at the changed record", find_a_changed_byte),
    ),
)  # fmt: skip
