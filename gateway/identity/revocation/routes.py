"""Addresses of recognised authorities and revocation information."""

from functools import partial
from typing import Final

from gateway.identity.model import Role
from gateway.identity.revocation.model import EvidenceRefused, Kind
from gateway.identity.revocation.service import Evidences, NoSuchEvidence
from gateway.identity.revocation.wire import (
    AuthoritiesShown,
    AuthorityShown,
    EvidenceShown,
    EvidenceWithUses,
)
from gateway.web import Ask, Document, Page, PageQuery, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})
_READERS: Final = frozenset({Role.SECURITY_ADMIN, Role.AUDITOR})
_TYPES: Final = {Kind.CRL: "application/pkix-crl", Kind.OCSP: "application/ocsp-response"}


async def list_authorities(evidences: Evidences, ask: Ask[None]) -> Reply:
    standing, now = await evidences.standing(), evidences.now()
    items = [AuthorityShown.of(each, standing, now) for each in evidences.recognition.authorities]
    return Reply(AuthoritiesShown(items=items))


async def bring_revocation_evidence(evidences: Evidences, ask: Ask[None]) -> Reply:
    sent = ask.upload()
    kind = next(kind for kind, media_type in _TYPES.items() if media_type == sent.media_type)
    return Reply(EvidenceShown.of(await evidences.bring(ask.principal, kind, sent.content)))


async def list_revocation_evidence(evidences: Evidences, ask: Ask[PageQuery]) -> Reply:
    return ask.page(
        await evidences.listed(ask.after(), ask.given.limit + 1),
        lambda kept: f"{kept.received_at.isoformat()} {kept.digest.hex()}",
        EvidenceShown.of,
    )


async def show_revocation_evidence(evidences: Evidences, ask: Ask[None]) -> Reply:
    return Reply(EvidenceWithUses.told(*await evidences.shown(ask.path["digest"])))


async def download_revocation_evidence(evidences: Evidences, ask: Ask[None]) -> Reply:
    digest = ask.path["digest"]
    kind, content = await evidences.content(digest)
    return Reply(Document(content, _TYPES[kind], f"{digest[:16]}.{'crl' if kind is Kind.CRL else 'ors'}"))


_route = partial(Route, tag="identity")
ROUTES: Final = [
    _route("GET", "/v1/authorities", list_authorities, _READERS, "Recognised certification authorities", "认可的 CA 列表",
           returns=AuthoritiesShown),
    _route("POST", "/v1/revocation-evidence", bring_revocation_evidence, _SECURITY,
           "Bring a revocation list or an OCSP answer", "录入吊销列表或 OCSP 应答",
           takes=tuple(_TYPES.values()), returns=EvidenceShown, problems=(EvidenceRefused,)),
    _route("GET", "/v1/revocation-evidence", list_revocation_evidence, _READERS, "List revocation information", "吊销信息列表",
           given=PageQuery, returns=Page[EvidenceShown]),
    _route("GET", "/v1/revocation-evidence/{digest}", show_revocation_evidence, _READERS,
           "Show revocation information and what was judged by it", "查看吊销信息及其用途",
           returns=EvidenceWithUses, problems=(NoSuchEvidence,)),
    _route("GET", "/v1/revocation-evidence/{digest}/content", download_revocation_evidence, _READERS,
           "Download revocation information", "下载吊销信息原文", gives=tuple(_TYPES.values()), problems=(NoSuchEvidence,)),
]  # fmt: skip
