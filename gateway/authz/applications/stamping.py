"""Stamping (用印): fetching the exact bytes, drafting a decision, filing a stamp, examining one again."""

from typing import Final
from uuid import UUID

from gateway.audit import EventType
from gateway.authz.applications import store
from gateway.authz.applications.answer import Approval, Refusal
from gateway.authz.applications.casework import Casework
from gateway.authz.applications.decision import Decisions
from gateway.authz.applications.documents import Kept
from gateway.authz.applications.model import Application
from gateway.authz.applications.parties import SEE_ALL, may_see
from gateway.authz.applications.refusals import Amended, NoDecisionDocument, NoSuchStamp, unknown
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.sealing.rules import Kind
from gateway.sealing.stamps import FiledStamp, Stamps, Subject
from gateway.storage import Connection
from gateway.web import Principal

_ROLES: Final = {Kind.APPLICATION: Role.REQUESTER, Kind.DECISION: Role.PROVIDER}
_ACTS: Final = {Kind.APPLICATION: "amend", Kind.DECISION: "approve"}
"""Who may do these may stamp, in the same states: see MOVES."""


class Stamping:
    """The acts on documents and stamps of applications."""

    def __init__(self, work: Casework, decisions: Decisions, stamps: Stamps) -> None:
        self._work = work
        self._decisions = decisions
        self._stamps = stamps

    async def document(self, actor: Principal, application: ApplicationId, kind: Kind) -> Kept:
        """The bytes to be stamped: of the form as it stands, or of the decision in effect, else its latest draft.

        Raises:
            NoDecisionDocument: none was drafted; also for everybody but the provider while it is a draft.
            NoSuchApplication: also for departments that are no party to it.
        """
        async with self._work.database.connection() as connection:
            one = await self._seen(connection, actor, application)
            return await self._document(connection, actor, one, kind)

    async def draft(self, actor: Principal, application: ApplicationId, given: Approval | Refusal) -> Kept:
        """Write a decision down without taking it, so that it can be stamped; the same decision taken later matches it.

        Raises:
            As the decision itself: Invalid, Amended, WrongRoute, ApplicationNotInState, SelfApproval,
            ConditionNotInCatalogue, NotToldYet.
        """
        work = self._work
        act = "approve" if isinstance(given, Approval) else "refuse"
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, act)
            document = (await self._decisions.drawn_up(tx, before, resource, given)).document
            event = work.event(
                EventType.DECISION_DRAFTED,
                actor,
                Role.PROVIDER,
                before,
                resource,
                act=act,
                **document.digests(),
            )
            await work.log.emit(tx, event)
            await store.draft_decision(tx, application, act, document, actor.id, work.now())
            kept = await store.decision_document(tx, application)
            assert kept is not None  # stored in this transaction
            return kept

    async def stamp(self, actor: Principal, application: ApplicationId, kind: Kind, raw: bytes) -> FiledStamp:
        """File the acting department's stamp on the document as it stands.

        Raises:
            StampRefused: it is invalid; recorded.
            Amended: the document changed while the stamp was examined.
            NoDecisionDocument: there is no draft to stamp.
            StampKnown, TooManyStamps, ApplicationNotInState, SelfApproval, NoSuchApplication.
        """
        work, role = self._work, _ROLES[kind]
        async with work.database.transaction() as tx:
            subject = await self._subject(tx, actor, application, kind)
        trial = await self._stamps.tried(actor, role, subject, raw)
        async with work.database.transaction() as tx:
            if (await self._subject(tx, actor, application, kind)).sm3 != subject.sm3:
                raise Amended("the document is another one now", "文件已变更为新版本")
            return await self._stamps.put(tx, actor, role, subject, trial)

    async def listed(self, actor: Principal, application: ApplicationId) -> list[FiledStamp]:
        """Every stamp on an application; those on its decision once that took effect, to its provider before."""
        async with self._work.database.connection() as connection:
            one = await self._seen(connection, actor, application)
            filed = await self._stamps.on(connection, application)
            kept = await store.decision_document(connection, application)
        in_effect = kept.sm3 if kept and kept.effective_at else None
        return [
            each
            for each in filed
            if each.kind is Kind.APPLICATION or each.document_sm3 == in_effect or _drafts_for(actor, one)
        ]

    async def content(self, actor: Principal, application: ApplicationId, stamp: UUID) -> bytes:
        """A stamp's bytes as received, for anybody who sees it to verify it himself. Raises NoSuchStamp."""
        await self._one(actor, application, stamp)
        async with self._work.database.connection() as connection:
            return await self._stamps.content(connection, stamp)

    async def evidence(self, actor: Principal, application: ApplicationId, stamp: UUID, digest: str) -> bytes:
        """A list or answer the latest examination of a stamp rests on, for a later check. Raises NoSuchStamp."""
        found = await self._one(actor, application, stamp)
        if digest in [each.hex() for each in found.latest.evidence]:
            async with self._work.database.connection() as connection:
                kept = await self._stamps.evidence(connection, bytes.fromhex(digest))
            if kept is not None:
                return kept
        raise NoSuchStamp("the stamp does not rest on this evidence", "该签章的核验未依据此证据")

    async def again(self, actor: Principal, application: ApplicationId, stamp: UUID) -> FiledStamp:
        """Examine a filed stamp again, with the lists and the register of now.

        Raises:
            NoSuchStamp: also where the document it was filed on is no longer the one that stands.
        """
        found = await self._one(actor, application, stamp)
        async with self._work.database.connection() as connection:
            one = await self._seen(connection, actor, application)
            kept = await self._document(connection, actor, one, found.kind)
        if kept.sm3 != found.document_sm3:
            raise NoSuchStamp(
                "it was filed on an earlier version of the document", "该签章针对文件的先前版本"
            )
        role = next(role for role in _EXAMINERS if role in actor.roles)
        return await self._stamps.again(actor, role, _subject(one, found.kind, kept), found)

    async def _one(self, actor: Principal, application: ApplicationId, stamp: UUID) -> FiledStamp:
        for each in await self.listed(actor, application):
            if each.id == stamp:
                return each
        raise NoSuchStamp(f"no stamp {stamp}", f"没有签章 {stamp}")

    async def _seen(self, tx: Connection, actor: Principal, application: ApplicationId) -> Application:
        found = await store.find(tx, application)
        if found is None or not may_see(actor, found):
            raise unknown(application)
        return found

    async def _document(self, tx: Connection, actor: Principal, one: Application, kind: Kind) -> Kept:
        if kind is Kind.APPLICATION:
            return await store.application_document(tx, one)
        kept = await store.decision_document(tx, one.id)
        if kept is None or (kept.effective_at is None and not _drafts_for(actor, one)):
            raise NoDecisionDocument("no decision was written down", "尚无审批决定文件")
        return kept

    async def _subject(
        self, tx: Connection, actor: Principal, application: ApplicationId, kind: Kind
    ) -> Subject:
        one, _ = await self._work.at_step(tx, actor, application, _ACTS[kind], said="stamp")
        return _subject(one, kind, await self._document(tx, actor, one, kind))


_EXAMINERS: Final = (Role.PLATFORM_ADMIN, Role.REQUESTER, Role.PROVIDER)


def _drafts_for(actor: Principal, one: Application) -> bool:
    return actor.org == one.provider_org or bool(actor.roles & SEE_ALL)


def _subject(one: Application, kind: Kind, kept: Kept) -> Subject:
    org = one.consumer_org if kind is Kind.APPLICATION else one.provider_org
    return Subject(
        kind, one.id, org, one.consumer_org, one.provider_org, kept.content, kept.sm3, kept.made_at, one.cause
    )  # fmt: skip
