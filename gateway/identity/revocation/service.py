"""Acts on revocation information, and certificates judged by what is held."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import NotFound
from gateway.identity.evidence import who
from gateway.identity.model import Role
from gateway.identity.revocation import store
from gateway.identity.revocation.model import (
    EvidenceRefused,
    Kept,
    Kind,
    Read,
    issuer_named,
    read_answer,
    read_list,
    revokes,
)
from gateway.identity.store import revoke as revoke_tokens
from gateway.seals.certificates import Certificate, read_certificate
from gateway.seals.files import to_pem
from gateway.seals.ocsp import OcspResponse, read_ocsp
from gateway.seals.recognition import Judgement, Recognition, Sources, Use
from gateway.seals.revocation import RevocationList, read_crl
from gateway.seals.sm2 import Sm2
from gateway.storage import Connection, Database
from gateway.web import Principal

_MOST_HELD: Final = 64


class NoSuchEvidence(NotFound):
    """There is no such revocation information（没有该吊销信息）."""


class Evidences:
    """What is known of revocation.

    Args:
        now: gives the present instant with its zone.
        longest_token_seconds: how long after its issue any token may be accepted.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        recognition: Recognition,
        sm2: Sm2 | None,
        now: Callable[[], datetime],
        longest_token_seconds: int,
    ) -> None:
        self._database = database
        self._log = log
        self.recognition = recognition
        self.sm2 = sm2
        self.now = now
        self._longest_token_seconds = longest_token_seconds
        self._held: OrderedDict[bytes, RevocationList | OcspResponse] = OrderedDict()

    async def bring(self, actor: Principal, kind: Kind, content: bytes) -> Kept:
        """Take in a list or an answer that an administrator got from the authority; the same bytes again change nothing.

        Raises:
            EvidenceRefused: see :func:`read_list`, :func:`read_answer`; or a list whose number goes back.
        """
        return await self._take_in(kind, content, who(actor, Role.SECURITY_ADMIN), f"person:{actor.id}")

    async def fetched(self, kind: Kind, content: bytes, url: str) -> Kept:
        """Take in what the worker fetched from an authority's configured address.

        Raises:
            EvidenceRefused: as for :meth:`bring`.
        """
        return await self._take_in(kind, content, Who(kind="system", id="revocation"), url)

    async def judge(self, tx: Connection, leaf: bytes, others: Iterable[bytes], use: Use) -> Judgement:
        """Judge a certificate by its authority's policy and what is held now, and record what it was judged by.

        Args:
            leaf: the end certificate in DER; ``others`` may lead from it to an anchor.
        """
        now, along = self.now(), tuple(others)
        chain = b"".join(to_pem("CERTIFICATE", each) for each in (leaf, *along))
        sources = await self.held_for(tx, [read_certificate(each) for each in (leaf, *along)])
        judged = self.recognition.judge(chain, use, now, sources)
        for subject, told in judged.report.relied_on:
            digest = hashlib.sha256(told.proof or b"").digest()
            await store.use(tx, digest, hashlib.sha256(subject.der).digest(), told.revoked_at, now)
        return judged

    async def listed(self, after: str | None, count: int) -> list[Kept]:
        """What is kept, newest first."""
        async with self._database.connection() as connection:
            return await store.listed(connection, _place(after), count)

    async def shown(self, digest: str) -> tuple[Kept, list[tuple[bytes, datetime | None, datetime]]]:
        """One of them with the certificates judged by it. Raises NoSuchEvidence."""
        async with self._database.connection() as connection:
            found = await store.find(connection, _digest(digest))
            if found is None:
                raise _no_such(digest)
            return found, await store.uses(connection, found.digest)

    async def content(self, digest: str) -> tuple[Kind, bytes]:
        """The bytes as they came. Raises NoSuchEvidence."""
        async with self._database.connection() as connection:
            found = await store.content(connection, _digest(digest))
        if found is None:
            raise _no_such(digest)
        return found

    async def standing(self) -> dict[tuple[str, Kind], tuple[datetime, datetime | None]]:
        """Of each authority and kind: when the newest was received, and until when it is current."""
        async with self._database.connection() as connection:
            return await store.standing(connection)

    async def due(self, authority: str, issuer: Certificate, since: datetime) -> list[Certificate]:
        """Registered certificates of an issuer about which the newest answer is older than ``since`` or past."""
        now, found = self.now(), []
        async with self._database.connection() as connection:
            for _, der in await store.in_force(connection, authority, now):
                leaf = read_certificate(der)
                if leaf.issuer_der != issuer.subject_der:
                    continue
                asked = Read(
                    Kind.OCSP,
                    authority,
                    issuer_named(issuer.subject_der),
                    f"{leaf.serial:x}",
                    None,
                    now,
                    None,
                    b"",
                )
                newest = await store.newest(connection, asked)
                if newest is None or newest.received_at <= since or (newest.next_update or now) <= now:
                    found.append(leaf)
        return found

    async def lists_due(self, since: datetime) -> set[str]:
        """Authorities whose newest list is missing, older than ``since``, or past."""
        held, now = await self.standing(), self.now()
        due = set()
        for authority in self.recognition.authorities:
            received, until = held.get((authority.id, Kind.CRL), (None, None))
            if received is None or received <= since or (until or now) <= now:
                due.add(authority.id)
        return due

    async def _take_in(self, kind: Kind, content: bytes, actor: Who, source: str) -> Kept:
        now = self.now()
        async with self._database.transaction() as tx:
            new = await self._read(tx, kind, content, now)
            await store.in_turn(tx)
            if (known := await store.find(tx, new.digest)) is not None:
                return known
            before = await store.newest(tx, new)
            _check_number(new, before)
            gone = await self._revoked_by(tx, new, now)
            written = await self._log.emit(tx, _brought(new, actor, source, gone))
            await store.keep(tx, new, source, now, written)
            await store.forget_superseded(tx, new, now)
            kept = await store.find(tx, new.digest)
        if kept is None:
            raise _no_such(new.digest.hex())
        return kept

    async def _revoked_by(self, tx: Connection, new: Read, now: datetime) -> list[str]:
        """Thumbprints of the registered certificates the new evidence revokes: tokens got with them end within seconds."""
        gone = []
        for thumbprint, der in await store.in_force(tx, new.authority, now):
            leaf = read_certificate(der)
            if issuer_named(leaf.issuer_der) == new.issuer and revokes(new, leaf, now):
                await revoke_tokens(
                    tx, "prover", thumbprint, int(now.timestamp()), self._longest_token_seconds
                )
                gone.append(thumbprint)
        return gone

    async def _read(self, tx: Connection, kind: Kind, content: bytes, now: datetime) -> Read:
        if kind is Kind.CRL:
            return read_list(content, self.recognition, now, self.sm2)
        issuers = [issuer_named(anchor.subject_der) for _, anchor in self.recognition.issuers()]
        held = await self._load(tx, Kind.CRL, await store.newest_lists(tx, issuers))
        lists = tuple(each for each in held if isinstance(each, RevocationList))
        return read_answer(content, self.recognition, lists, now, self.sm2)

    async def held_for(self, tx: Connection, chain: Iterable[Certificate]) -> Sources:
        """The newest lists and answers about these certificates."""
        chain = list(chain)
        issuers = [issuer_named(each.issuer_der) for each in chain]
        named = [(issuer_named(each.issuer_der), f"{each.serial:x}") for each in chain]
        lists = await self._load(tx, Kind.CRL, await store.newest_lists(tx, issuers))
        answers = await self._load(tx, Kind.OCSP, await store.newest_answers(tx, named))
        return Sources(
            tuple(each for each in lists if isinstance(each, RevocationList)),
            tuple(each for each in answers if isinstance(each, OcspResponse)),
            self.sm2,
        )

    async def _load(
        self, tx: Connection, kind: Kind, digests: list[bytes]
    ) -> list[RevocationList | OcspResponse]:
        missing = [each for each in digests if each not in self._held]
        if missing:
            read: Callable[[bytes], Any] = read_crl if kind is Kind.CRL else read_ocsp
            for digest, content in (await store.contents(tx, missing)).items():
                self._held[digest] = read(content)
        found = [self._held[each] for each in digests if each in self._held]
        while len(self._held) > _MOST_HELD:
            self._held.popitem(last=False)
        return found


def _check_number(new: Read, before: Kept | None) -> None:
    """A later list with a smaller number is not the same issuer's next one (RFC 5280 section 5.2.3)."""
    if before is None or new.number is None or before.number is None:
        return
    if new.this_update >= before.this_update and new.number < before.number:
        raise EvidenceRefused(
            "number",
            f"the list has number {new.number}, an earlier one has {before.number}",
            f"该列表编号 {new.number} 小于已有列表的编号 {before.number}",
        )


def _brought(new: Read, actor: Who, source: str, gone: list[str]) -> Event:
    return Event(
        EventType.REVOCATION_BROUGHT, Outcome.DONE, actor, object_kind="revocation", object_id=new.digest.hex(),
        detail={
            "kind": new.kind, "authority": new.authority, "scope": new.scope, "source": source, "number": str(new.number or ""),
            "this_update": new.this_update.isoformat(), "bytes": len(new.content), "revoked": gone,
        },
    )  # fmt: skip


def _place(after: str | None) -> tuple[datetime, bytes] | None:
    if after is None:
        return None
    at, _, digest = after.partition(" ")
    return datetime.fromisoformat(at), bytes.fromhex(digest)


def _digest(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise _no_such(text)
    return found


def _no_such(text: str) -> NoSuchEvidence:
    return NoSuchEvidence(f"{text[:64]} is not kept", f"没有吊销信息 {text[:64]}")
