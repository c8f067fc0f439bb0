"""Certificates of systems: registered by the security administrator, proved where a token is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import FieldFault, Invalid, NotFound
from gateway.identity.certificates import store
from gateway.identity.certificates.model import (
    UNKNOWN,
    Binding,
    CertificateRefused,
    ClientCertificate,
    certificate_thumbprint,
    is_self_signed,
    named,
    reasons,
)
from gateway.identity.certificates.store import CertificateKnown, Holder
from gateway.identity.evidence import who
from gateway.identity.jwk import KeyRefused, jwk_of
from gateway.identity.model import Role
from gateway.identity.revocation import Evidences
from gateway.identity.store import revoke as revoke_tokens
from gateway.names import ClientId, OrgCode, new_id
from gateway.seals.certificates import BadCertificate, Certificate, read_certificate
from gateway.seals.certificates import verifies as signature_verifies
from gateway.seals.files import read_chain
from gateway.seals.paths import PathRefused, check_leaf
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal
from gateway.web.peer_certificate import PeerCertificate

_JOSE_KINDS: Final = frozenset({"RSA", "P-256", "P-384", "Ed25519"})
_MOST_IN_CHAIN: Final = 5


class NoSuchCertificate(NotFound):
    """There is no such certificate in force（没有该有效证书）."""


@dataclass(frozen=True, slots=True)
class ByCertificate:
    """A client that proved itself by a certificate: id, department, thumbprint, and how long the certificate lasts.

    ``registered`` is the certificate of the registration: the same one, or the one whose name it bears.
    """

    id: ClientId
    org: OrgCode
    thumbprint: str
    registered: str
    not_after: datetime


class ClientCertificates:
    """The room's acts.

    Args:
        now: gives the present instant with its zone.
        self_signed: whether such certificates are taken.
        longest_token_seconds: how long after its issue any token may be accepted.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        evidences: Evidences,
        now: Callable[[], datetime],
        *,
        self_signed: bool,
        longest_token_seconds: int,
    ) -> None:
        self._database = database
        self._log = log
        self._evidences = evidences
        self._now = now
        self._takes_self_signed = self_signed
        self._longest_token_seconds = longest_token_seconds

    async def add(
        self, actor: Principal, client: ClientId, chain: str, once: Once | None
    ) -> ClientCertificate:
        """Register a certificate for a client that is known to the caller.

        Args:
            chain: PEM, the end certificate first.

        Raises:
            Invalid: the certificate is not accepted, with every check that did not pass.
            CertificateKnown, KeyKnown: registered already, or its name is another system's.
        """
        leaf = _chain(chain, "/chain")[0]
        async with self._database.transaction() as tx:
            if await claim(tx, once, new_id()) is None:
                new = await self.enrol(tx, client, chain, "/chain")
                await self._emit(tx, EventType.CLIENT_CERTIFICATE_ADDED, actor, new)
                return new
            found = await store.find(tx, certificate_thumbprint(leaf.der))
        if found is None:
            raise NoSuchCertificate("the certificate is gone", "证书不存在")
        return found[0]

    async def of_client(self, client: ClientId) -> list[ClientCertificate]:
        """All certificates of a client, those struck off included, oldest first."""
        async with self._database.connection() as connection:
            return await store.of_client(connection, client)

    async def self_signed(self) -> list[bytes]:
        """DER of the certificates in force that no authority vouches for."""
        async with self._database.connection() as connection:
            return await store.self_signed(connection)

    async def revoke(self, actor: Principal, client: ClientId, thumbprint: str) -> ClientCertificate:
        """Strike a certificate off; its key, the name it was bound by and the tokens got with it go along.

        Raises:
            NoSuchCertificate.
        """
        at = self._now()
        async with self._database.transaction() as tx:
            found = await store.find(tx, thumbprint)
            kids = await store.revoke(tx, client, thumbprint, at)
            if found is None or kids is None:
                raise NoSuchCertificate(
                    f"{thumbprint} is no certificate in force", f"{thumbprint} 不是有效证书"
                )
            for prover in (thumbprint, *kids):
                await revoke_tokens(tx, "prover", prover, int(at.timestamp()), self._longest_token_seconds)
            await self._emit(tx, EventType.CLIENT_CERTIFICATE_REVOKED, actor, found[0], kids=kids)
        return replace(found[0], revoked_at=at)

    async def enrol(self, tx: Connection, client: ClientId, chain: str, pointer: str) -> ClientCertificate:
        """Judge a certificate and store it with its key, within somebody's act.

        Raises:
            Invalid, CertificateKnown, KeyKnown: as for :meth:`add`.
        """
        leaf, *others = _chain(chain, pointer)
        binding, authority = await self._bound(tx, leaf, others, pointer)
        new = ClientCertificate(
            certificate_thumbprint(leaf.der), client, leaf.der, tuple(each.der for each in others), authority, binding,
            leaf.issuer, leaf.subject, f"{leaf.serial:x}", leaf.key_kind, leaf.not_before, leaf.not_after, self._now(), None,
        )  # fmt: skip
        await self._claim(tx, new, leaf)
        if leaf.key_kind in _JOSE_KINDS:
            await store.add_key(tx, client, _jwk(leaf, pointer), new.thumbprint)
        return new

    async def prove(self, tx: Connection, client: str, peer: PeerCertificate) -> ByCertificate:
        """The client a caller's certificate stands for (RFC 8705 section 2); possession of its key is TLS's to prove.

        Raises:
            CertificateRefused: not a certificate of this client, not in force, revoked, or not to be judged now.
        """
        try:
            leaf = read_certificate(peer.der)
        except BadCertificate as fault:
            raise CertificateRefused("malformed", str(fault), "证书无法识别") from None
        found = await store.find(tx, certificate_thumbprint(leaf.der))
        if found is None:
            holder, (known, others) = await self._by_name(tx, ClientId(client), leaf)
            await self._check(tx, leaf, peer.others or others, Binding.SUBJECT, holder.authority)
            shown = certificate_thumbprint(leaf.der)
            return ByCertificate(holder.client, holder.org, shown, known, leaf.not_after)
        registered, holder = found
        if holder.client != client or not holder.active or registered.revoked_at is not None:
            raise CertificateRefused("certificate", *UNKNOWN)
        await self._check_registered(tx, registered)
        own = registered.thumbprint
        return ByCertificate(holder.client, holder.org, own, own, registered.not_after)

    async def check(self, tx: Connection, thumbprint: str) -> ByCertificate:
        """Whether the certificate a key came with is still good: the key lives no longer than it.

        Raises:
            CertificateRefused: struck off, outside its validity, revoked, or not to be judged now.
        """
        found = await store.find(tx, thumbprint)
        if found is None or not found[1].active or found[0].revoked_at is not None:
            raise CertificateRefused("certificate", *UNKNOWN)
        registered, holder = found
        await self._check_registered(tx, registered)
        return ByCertificate(holder.client, holder.org, thumbprint, thumbprint, registered.not_after)

    async def _check_registered(self, tx: Connection, registered: ClientCertificate) -> None:
        leaf = read_certificate(registered.der)
        await self._check(tx, leaf, registered.others, registered.binding, registered.authority)

    async def _check(
        self,
        tx: Connection,
        leaf: Certificate,
        others: tuple[bytes, ...],
        binding: Binding,
        authority: str | None,
    ) -> None:
        if not leaf.is_valid_at(self._now()):
            raise CertificateRefused("expired", "the certificate is outside its validity", "证书不在有效期内")
        if binding is Binding.SELF_SIGNED:
            return
        try:
            judged = await self._evidences.judge(tx, leaf.der, others, "client")
        except BadCertificate as fault:
            raise CertificateRefused("malformed", str(fault), "证书链无法识别") from None
        if judged.report.verdict != "valid":
            reason = "revoked" if "REVOKED" in reasons(judged.report) else "untrusted"
            raise CertificateRefused(
                reason, f"the certificate is not valid: {reasons(judged.report)}", "证书核验未通过"
            )
        found = judged.authority
        if (
            found is None
            or found.id != authority
            or (binding is Binding.SUBJECT and found.binding != "subject")
        ):
            raise CertificateRefused(
                "authority", "the certificate comes from another authority", "证书由其他机构签发"
            )

    async def _by_name(
        self, tx: Connection, client: ClientId, leaf: Certificate
    ) -> tuple[Holder, tuple[str, tuple[bytes, ...]]]:
        name = named(leaf)
        holder = await store.holder_of_subject(tx, name)
        if holder is None or holder.client != client or not holder.active:
            raise CertificateRefused("certificate", *UNKNOWN)
        found = await store.chain_of(tx, client, name)
        if found is None:
            raise CertificateRefused("certificate", *UNKNOWN)
        return holder, found

    async def _bound(
        self, tx: Connection, leaf: Certificate, others: list[Certificate], pointer: str
    ) -> tuple[Binding, str | None]:
        if is_self_signed(leaf):
            self._check_self_signed(leaf, pointer)
            return Binding.SELF_SIGNED, None
        judged = await self._evidences.judge(tx, leaf.der, [each.der for each in others], "client")
        if judged.report.verdict != "valid" or judged.authority is None:
            raise _refused(pointer, reasons(judged.report))
        return Binding(judged.authority.binding), judged.authority.id

    def _check_self_signed(self, leaf: Certificate, pointer: str) -> None:
        if not self._takes_self_signed:
            raise _refused(
                pointer, "self-signed certificates are not taken here ([certificates] self_signed)"
            )
        try:
            check_leaf(leaf, "client")
        except PathRefused as fault:
            raise _refused(pointer, f"{fault.code} {fault.detail}") from None
        signed, algorithm, signature = leaf.signed_parts()
        if not leaf.is_valid_at(self._now()) or not signature_verifies(
            leaf, algorithm, signed, signature, self._evidences.sm2
        ):
            raise _refused(
                pointer, "the certificate is outside its validity, or its signature does not verify"
            )

    async def _claim(self, tx: Connection, new: ClientCertificate, leaf: Certificate) -> None:
        name = named(leaf)
        if new.binding is Binding.SUBJECT and new.authority is not None:
            await store.claim_subject(tx, name, new.client, new.authority)
        holder = await store.holder_of_subject(tx, name)
        if holder is not None and holder.client != new.client:
            raise CertificateKnown(
                "its issuer and subject name another system", "其颁发者与主体已用于其他系统"
            )
        await store.add(tx, new, name)

    async def _emit(
        self, tx: Connection, kind: EventType, actor: Principal, what: ClientCertificate, **detail: Any
    ) -> None:
        await self._log.emit(
            tx,
            Event(
                kind, Outcome.DONE, who(actor, Role.SECURITY_ADMIN), object_kind="client", object_id=what.client,
                detail={
                    "x5t#S256": what.thumbprint, "authority": what.authority or "", "binding": what.binding, "serial": what.serial,
                    **detail,
                },
            ),
        )  # fmt: skip


def _chain(text: str, pointer: str) -> list[Certificate]:
    try:
        found = read_chain(text.encode())
    except BadCertificate as fault:
        raise _refused(pointer, str(fault)) from None
    if len(found) > _MOST_IN_CHAIN:
        raise _refused(pointer, f"more than {_MOST_IN_CHAIN} certificates")
    return found


def _jwk(leaf: Certificate, pointer: str) -> dict[str, Any]:
    try:
        found = jwk_of(leaf.spki)
    except KeyRefused as fault:
        raise _refused(pointer, fault.args[0]) from None
    if found is None:
        raise _refused(pointer, "the key is of no kind that signs assertions")
    return found


def _refused(pointer: str, why: str) -> Invalid:
    return Invalid(FieldFault(pointer, f"the certificate is not accepted: {why}", f"证书不被接受：{why}"))
