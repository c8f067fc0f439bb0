"""What a pack shows, for programs and for people; said by the checker and by ``./gw audit pack`` through these functions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from .answers import Answer, holds
from .chains import Chain, said, trace
from .pack_files import opened_pack
from .pack_rows import Row
from .pack_seal import check_seal
from .packs import Shown, check_pack, rows_of
from .policy import read_policy
from .refusal import Refused

_SHANGHAI: Final = timezone(timedelta(hours=8))
_CHAIN: Final = ("response", "intent", "grant", "decision", "application")
_CHAIN_WORDS: Final[Mapping[str, str]] = {
    "response": "response 应答", "intent": "request 请求", "grant": "grant 授权", "decision": "approved by 审批",
    "application": "application 申请", "stamp": "sealed 签章",
}  # fmt: skip
_SIDES: Final[Mapping[str, str]] = {
    "consumer": "as consumer 需求方",
    "provider": "as provider 提供方",
    "log": "by index 按日志序号",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What an auditor holds beside the pack: the bytes of a response, of the sealed documents, of the seals on them."""

    body: bytes | None = None
    documents: tuple[bytes, ...] = ()
    stamps: tuple[bytes, ...] = ()


def pack(
    path: Path, policy: bytes, response: str = "", beside: Beside = Beside(), jwks: bytes | None = None
) -> Answer:
    """Whether a pack holds under a policy, and what it shows.

    Args:
        jwks: the gateway's seal keys; with them the seal of an archive pack must hold too.
        response: event id or request id of a response whose chain is wanted, and with which ``beside`` is compared.

    Raises:
        Refused: it does not hold; a Damage names the file, the line and the record.
        OSError: a file cannot be read.
    """
    with opened_pack(path) as files:
        shown = check_pack(files, read_policy(policy))
        members = _members(shown)
        if response:
            chain = trace(shown.events, lambda: (row for _, row in rows_of(files)), response)
            members["response"] = _chain(chain) | {"beside": _same(chain, beside)}
        if jwks is not None:
            members["seal"] = check_seal(files, jwks)
    return holds(members, *_told(members))


def _told(members: Mapping[str, Any]) -> list[str]:
    at, asked = members["log"], members["asked"]
    cosigned = [f"cosigned 会签    {one['witness']} {one['at']}" for one in members["cosigned_by"]]
    lines = [f"log 日志         {at['origin']}: {at['size']} records, root {at['root']}", *cosigned]
    of = asked.get("org", "the whole log 全部日志")
    lines += [
        f"complete 完整    {of}, {_SIDES[one['side']]}, numbers 序号 {one['first']} to {one['last']}"
        for one in members["ranges"]
    ]
    exported = members["exported"]
    lines.append(
        f"exported 导出    by {exported['by']} at {_local(exported['at'])}, record {exported['index']}"
    )
    if wanted := asked.get("filter"):
        lines.append("asked for 筛选   " + ", ".join(f"{name} = {value}" for name, value in wanted.items()))
    lines.append(
        f"records 记录     {members['matching']} as asked for 符合要求, {members['shown']} shown 出示, "
        f"{members['hidden']} hidden 隐去"
    )
    response = members.get("response", {"links": [], "beside": [], "missing": []})
    for one in response["links"]:
        who = " ".join(word for word in (one["by"], one["role"], one["org"]) if word)
        on = f"{one['on']}, " if one.get("on") else ""
        lines.append(
            f"{_CHAIN_WORDS[one['as']]:<14} {on}record {one['index']}, {_local(one['at'])}, {who}, {one['id']}"
        )
    lines += [f"missing 缺少     {one}" for one in response["missing"]]
    lines += [
        f"{name}: the bytes given are those on record 所给文件与记录一致" for name in response["beside"]
    ]
    if seal := members.get("seal"):
        lines.append(f"sealed 签章       {seal['sealed_at']} with {seal['kid']}")
    return [
        *map(_printable, lines),
        "The pack holds: all of this is shown by its files alone.",
        "成立：以上均由举证包本身证明。",
    ]


def _printable(line: str) -> str:
    """The line for a terminal: it holds words of strangers."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)


def _members(shown: Shown) -> dict[str, Any]:
    witnessed, who = shown.witnessed, (shown.exported.said or {}).get("who", {})
    point, stub = witnessed.checkpoint, shown.exported.stub
    return {
        "log": {
            "origin": point.origin, "size": point.size, "root": point.root.hex(), "key": str(witnessed.log),
        },
        "cosigned_by": [{"witness": name, "at": at.isoformat()} for name, at in witnessed.cosigned],
        "asked": shown.asked.detail(),
        "exported": {"index": stub.idx, "at": stub.recorded_ms, "by": str(who.get("id", ""))},
        "ranges": [{"side": one.side, "first": one.first, "last": one.last} for one in shown.ranges],
        "matching": shown.matching,
        "shown": shown.shown,
        "hidden": shown.hidden,
        "responses": shown.events.responses,
    }  # fmt: skip


def _chain(chain: Chain) -> dict[str, Any]:
    rows = [(name, getattr(chain, name)) for name in _CHAIN] + [("stamp", one) for one in chain.stamps]
    links = [_link(name, row) for name, row in rows if row is not None]
    return {"whole": chain.is_whole, "missing": list(chain.missing), "links": links}


def _link(name: str, row: Row) -> dict[str, Any]:
    event = row.said or {}
    who = event.get("who", {})
    named: dict[str, Any] = {
        key: event[key] for key in ("grant_id", "application_id", "request_id") if key in event
    }
    if name == "stamp":
        named["on"] = str(said(row, "document"))
    return {
        "as": name, "index": row.stub.idx, "at": row.stub.recorded_ms, "id": event.get("id", ""), "type": event.get("type", ""),
        "by": str(who.get("id", "")), "role": str(who.get("role", "")), "org": str(who.get("org", "")), **named,
    }  # fmt: skip


def _same(chain: Chain, beside: Beside) -> list[str]:
    """Names of what was given and is what the records say, one for each file.

    Raises:
        Refused: one is not.
    """
    given = [("body", beside.body)] if beside.body is not None else []
    given += [("document", one) for one in beside.documents] + [("stamp", one) for one in beside.stamps]
    for name, content in given:
        if not _fits(chain, name, content):
            raise Refused(name, f"the {name} is not the one on record", f"所给文件与记录不符（{name}）")
    return [name for name, _ in given]


def _fits(chain: Chain, name: str, content: bytes) -> bool:
    if name == "body":
        try:
            nonce = bytes.fromhex(str(said(chain.intent, "nonce")))
        except ValueError:
            return False
        commitment: object = said(chain.response, "answer")
        return hashlib.sha256(nonce + content).hexdigest() == commitment
    digest = hashlib.sha256(content).hexdigest()
    if name == "document":
        return digest in (said(chain.application, "document_sha256"), said(chain.decision, "document_sha256"))
    return any(digest == said(one, "stamp_sha256") for one in chain.stamps)


def _local(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds // 1000, _SHANGHAI):%Y-%m-%d %H:%M:%S}+08:00"
