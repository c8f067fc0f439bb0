"""Whom to believe: the logs, the witnesses and how many of them, in one file (C2SP tlog-policy)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .checkpoint import Checkpoint, read_checkpoint
from .notes import COSIGNATURE, ED25519, NoteKey, read_note
from .refusal import Refused

LARGEST_POLICY: Final = 65536
NONE: Final = "none"
_BLANKS: Final = re.compile(r"[ \t]+")
_FORBIDDEN: Final = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that satisfies a policy.

    Args:
        log: the key it was signed with.
        cosigned: the policy's names of those who cosigned it, each with the time it gave.
    """

    checkpoint: Checkpoint
    log: NoteKey
    cosigned: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy file says.

    Args:
        logs: keys whose name is their log's origin; any of them is believed.
        witnesses: keys of cosigners by their name in the file.
        groups: by name how many of which members it takes; members are witnesses and earlier groups.
        quorum: the witness or group that must have cosigned, or ``none``.
    """

    logs: tuple[NoteKey, ...]
    witnesses: dict[str, NoteKey]
    groups: dict[str, tuple[int, tuple[str, ...]]]
    quorum: str

    def check(self, note: bytes) -> Witnessed:
        """The checkpoint in a signed note, if one of the logs signed it and the quorum cosigned it.

        Raises:
            Refused: with the rule broken; ``origin`` for another log, ``quorum`` for too few witnesses.
        """
        signed = read_note(note)
        checkpoint = read_checkpoint(signed.text)
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            raise Refused(
                "origin",
                f"the policy knows no log {checkpoint.origin}",
                f"信任策略未列日志 {checkpoint.origin}",
            )
        log = signed.verified(keys)[0].key
        cosigned = {
            name: one.at for name, key in self.witnesses.items() for one in signed.signatures([key]) if one.at
        }
        if not self._has(self.quorum, set(cosigned)):
            raise Refused(
                "quorum",
                f"the quorum {self.quorum} is not met; cosigned by: {', '.join(cosigned) or 'nobody'}",
                f"未达到见证方要求 {self.quorum}；已会签：{'、'.join(cosigned) or '无'}",
            )
        return Witnessed(checkpoint, log, tuple(cosigned.items()))

    def _has(self, name: str, cosigned: set[str]) -> bool:
        if name == NONE or name in cosigned:
            return True
        if name in self.witnesses:
            return False
        needed, members = self.groups[name]
        return sum(self._has(member, cosigned) for member in members) >= needed


def read_policy(data: bytes) -> Policy:
    """Read a policy file.

    Raises:
        Refused: a line it does not know, a key of the wrong kind or twice, a name that is not there yet or twice, a member of
            two groups, or not exactly one quorum.
    """
    if len(data) > LARGEST_POLICY or _FORBIDDEN.search(data):
        raise _bad(0, "too large, or with control characters", "过大或含控制字符")
    reading = _Reading()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = _BLANKS.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            reading.take(number, words)
    if reading.quorum is None:
        raise _bad(0, "there is no quorum line", "缺少 quorum 行")
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


class _Reading:
    """A policy file line by line."""

    def __init__(self) -> None:
        self.logs: list[NoteKey] = []
        self.witnesses: dict[str, NoteKey] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, number: int, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self._log(number, key)
            case ["witness", name, key, *url] if len(url) <= 1:
                self._witness(number, name, key)
            case ["group", name, count, *members] if members:
                self._group(number, name, count, members)
            case ["quorum", name] if self.quorum is None:
                if name != NONE:
                    self._known(number, name)
                self.quorum = name
            case _:
                raise _bad(
                    number,
                    "neither log, witness, group nor the one quorum",
                    "不是 log、witness、group 或唯一的 quorum 行",
                )

    def _log(self, number: int, text: str) -> None:
        key = _key(number, text, ED25519)
        if key.public in {one.public for one in self.logs}:
            raise _bad(number, "this log's key stands twice", "日志公钥重复")
        self.logs.append(key)

    def _witness(self, number: int, name: str, text: str) -> None:
        key = _key(number, text, COSIGNATURE)
        if key.public in {one.public for one in self.witnesses.values()}:
            raise _bad(number, "this witness's key stands twice", "见证方公钥重复")
        self._new(number, name)
        self.witnesses[name] = key

    def _group(self, number: int, name: str, count: str, members: list[str]) -> None:
        self._new(number, name)
        for member in members:
            self._known(number, member)
            if member in self._members:
                raise _bad(number, f"{member} is a member already", f"{member} 已是成员")
            self._members.add(member)
        needed = {"all": len(members), "any": 1}.get(count) or (int(count) if _COUNT.fullmatch(count) else 0)
        if not 1 <= needed <= len(members):
            raise _bad(
                number, f"not all, any or 1 to {len(members)}", f"须为 all、any 或 1 至 {len(members)}"
            )
        self.groups[name] = (needed, tuple(members))

    def _new(self, number: int, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise _bad(number, f"the name {name} is taken", f"名称 {name} 已被使用")

    def _known(self, number: int, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise _bad(number, f"{name} is not defined above", f"{name} 未在前文定义")


def _key(number: int, text: str, algorithm: int) -> NoteKey:
    try:
        key = NoteKey.parse(text)
    except Refused as fault:
        raise _bad(number, fault.detail, fault.detail_zh) from None
    if key.algorithm != algorithm:
        raise _bad(
            number,
            "a log's key is of type 1, a witness's of type 4",
            "日志公钥类型应为 1，见证方公钥类型应为 4",
        )
    return key


def _bad(line: int, detail: str, detail_zh: str) -> Refused:
    where, where_zh = (f"line {line}: ", f"第 {line} 行：") if line else ("", "")
    return Refused("policy", f"policy: {where}{detail}", f"信任策略：{where_zh}{detail_zh}")
