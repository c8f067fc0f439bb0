"""Answers about electronic licences (电子证照): what the department says, read by what the catalogue says of it.

A state that is not understood, or a licence other than the one asked about, stops the answer: nothing is guessed. The state
leaves with every licence, whatever fields were asked for, and a licence that does not stand never leaves with its document.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from gateway.catalog import Resource
from gateway.catalog.licence import Licence, LicenceState, Question
from gateway.deadlines import local_day
from gateway.exchange.connectors import Record
from gateway.exchange.project import project, value_of
from gateway.sealing import TrustFolder, holders
from gateway.seals.ofd import verify_ofd
from gateway.seals.pdf import verify_pdf
from gateway.seals.report import Report
from gateway.seals.verification import Outside, Trust
from gateway.settings import Sealing
from gateway.storage import Database
from gateway.web.outbound import UpstreamInvalid

NOT_FOUND: Final = "not_found"
"""What a verification answers where the department knows no such licence of this holder."""
_ENDLESS: Final = frozenset({"", "长期"})


class LicenceUnclear(UpstreamInvalid):
    """The department's answer does not say clearly how the licence stands（提供部门应答无法确定证照状态）."""

    remedy = (
        "Quote the request id to the providing department: its answer and the catalogue entry must agree.",
        "请将请求编号告知提供部门：其应答须与目录中的证照说明一致。",
    )


class LicenceSealNotValid(UpstreamInvalid):
    """The seal on the licence's document is not valid, so nothing was given（证照文件的电子印章未通过验证）."""

    remedy = (
        "Do not accept the document by another way; quote the request id to the issuing department.",
        "请勿通过其他途径采信该文件，并将请求编号告知颁发机构。",
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks of a licence service: parameters, fields it may have, and when."""

    parameters: Mapping[str, str]
    fields: Sequence[str]
    now: datetime


Holders = Callable[[], Awaitable[Mapping[tuple[str, str], str]]]
"""The department that holds each seal registered here, by esID and vid."""


class Licences:
    """Reads records of licences. ``trust`` says whom seals on documents are relied on, ``holders`` whose they are."""

    def __init__(self, trust: Callable[[], Trust], holders: Holders) -> None:
        self._trust = trust
        self._holders = holders

    @classmethod
    def relying_on(cls, settings: Sealing, database: Database) -> Self:
        """Relying on whom the gateway relies on for seals, and on its registry; on nobody without a folder of trust.

        Raises:
            BadSettings: the folder cannot be read.
        """
        folder = TrustFolder(settings.trust_dir, needs_proven_time=settings.proven_time)
        folder.check()

        async def registered() -> Mapping[tuple[str, str], str]:
            async with database.connection() as connection:
                return await holders(connection)

        return cls(folder.current, registered)

    async def answered(
        self, resource: Resource, records: Sequence[Record], asked: Asked, rows: int
    ) -> list[dict[str, Any]]:
        """The records as they may leave.

        Raises:
            LicenceUnclear: an unknown state, another licence than asked about, several for one verification.
            LicenceSealNotValid: a document that must be sealed and is not, validly.
            UpstreamInvalid, UpstreamTooLarge: as for other resources.
        """
        described = resource.description
        licence = described.licence
        assert licence is not None  # asked for licences only
        sources = dict(resource.mount.sources) if resource.mount else {}
        if licence.question is Question.VERIFICATION:
            records = _of_holder(resource, licence, records, sources, asked)
        read = [self._read(resource, licence, record, sources, asked) for record in records]
        if licence.question is Question.VERIFICATION:
            return [{licence.state: _standing(read)}]
        if licence.question is Question.CODE_CHECK and len(read) > 1:
            raise LicenceUnclear("one code leads to several licences", "一个亮证码对应多个证照")
        fields = [*asked.fields, *({licence.state} - set(asked.fields))]
        shown = project([record for record, _ in read], fields, described, sources, rows)
        if licence.document in fields and licence.document_is_sealed:
            for one in shown:
                await self._check(one[licence.document], licence.issuer, asked.now)
        return shown

    def _read(
        self, resource: Resource, licence: Licence, record: Record, sources: Mapping[str, str], asked: Asked
    ) -> tuple[dict[str, Any], LicenceState]:
        """The record with its state in our words and no document unless it stands."""

        def of(name: str) -> Any:
            return _value(resource, record, name, sources)

        for name in (licence.number, licence.holder):
            if name in asked.parameters and not _same(of(name), asked.parameters[name]):
                raise LicenceUnclear(
                    f"the department answered about another {name}", f"提供部门返回的{name}与查询不一致"
                )
        word = of(licence.state)
        state = licence.states.get(word) if isinstance(word, str) else None
        if state is None:
            raise LicenceUnclear(
                "the state is none of those the catalogue explains", "证照状态不在目录说明的取值之内"
            )
        end = _end(of(licence.valid_until)) if licence.valid_until else None
        if state is LicenceState.VALID and end is not None and end < local_day(asked.now):
            state = LicenceState.EXPIRED
        changed: dict[str, Any] = {sources.get(licence.state, licence.state): state.value}
        if licence.document is not None and state is not LicenceState.VALID:
            changed[sources.get(licence.document, licence.document)] = None
        return {**record, **changed}, state

    async def _check(self, document: Any, issuer: str, now: datetime) -> None:
        if document is None:
            return
        try:
            raw = base64.b64decode(document, validate=True)
        except (ValueError, TypeError):
            raise LicenceUnclear("the document is not base64", "证照文件不是 base64 编码") from None
        outside = _bound(await self._holders(), issuer)
        report = await asyncio.to_thread(_verified, raw, self._trust, now, outside)
        if report.verdict != "valid":
            code = next(iter(report.codes), "NOT_SEALED")
            step = _first_step(report)
            raise LicenceSealNotValid(
                f"step {step}: {code} ({report.verdict})", f"第 {step} 步：{code}（{report.verdict}）",
                step=step, finding=code, verdict=report.verdict,
            )  # fmt: skip


def _bound(known: Mapping[tuple[str, str], str], issuer: str) -> Outside:
    """S17: where the issuing body's seals are registered here, the stamp must be by one of them.

    Of a body that registers none (another region's, an upper level's), the authorities' word is all there is.
    """
    if issuer not in known.values():
        return Outside()
    return Outside(acting=issuer, holder=lambda es_id, vid: known.get((es_id, vid)))


def _verified(raw: bytes, trust: Callable[[], Trust], now: datetime, outside: Outside) -> Report:
    """Only documents carry seals of their own: OFD (a zip) and PDF. In a thread: trust is read from files."""
    judge = verify_ofd if raw[:2] == b"PK" else verify_pdf
    return judge(raw, trust(), now, outside)


def _first_step(report: Report) -> str:
    """The first step that failed, or was left open, in the document or in one of its stamps."""
    steps = [*report.steps, *(step for part in report.parts for step in part.steps)]
    for result in ("fail", "unknown"):
        for step in steps:
            if step.result == result:
                return step.step
    return "S1"


def _value(resource: Resource, record: Record, name: str, sources: Mapping[str, str]) -> Any:
    item = resource.description.item(name)
    assert item is not None  # the description was checked
    return value_of(record, item, sources)


def _of_holder(
    resource: Resource, licence: Licence, records: Sequence[Record], sources: Mapping[str, str], asked: Asked
) -> list[Record]:
    """Who asks about a licence of somebody else's learns that this holder has none, and no more."""
    wanted = asked.parameters[licence.holder]
    return [one for one in records if _same(_value(resource, one, licence.holder, sources), wanted)]


def _standing(read: Sequence[tuple[dict[str, Any], LicenceState]]) -> str:
    if len(read) > 1:
        raise LicenceUnclear(
            "the department answers several licences for one number and holder",
            "同一号码与持证主体对应多个证照",
        )
    return read[0][1].value if read else NOT_FOUND


def _same(found: Any, asked: str) -> bool:
    return isinstance(found, str) and found.strip().upper() == asked.strip().upper()


def _end(value: Any) -> date | None:
    if value is None or (isinstance(value, str) and value.strip() in _ENDLESS):
        return None
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else _wrong()
    except ValueError:
        raise LicenceUnclear("the last day of validity is no day", "证照有效期截止日期不是日期") from None


def _wrong() -> date:
    raise ValueError
