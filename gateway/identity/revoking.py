"""Taking tokens back before they expire, and the gateway's own keys: each method is one act with one audit record."""

from typing import Final

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.identity import store
from gateway.identity.evidence import who
from gateway.identity.model import Client, Role
from gateway.identity.service import NoSuchClient
from gateway.identity.store import SigningKey
from gateway.identity.tokens import Tokens
from gateway.names import ClientId
from gateway.storage import Connection, Database
from gateway.web import Principal

# A token of another process may carry a second more than this one's clock shows: clocks differ by that at most.
_CLOCKS_SECONDS: Final = 1


class Revoking:
    """The acts. ``database`` is the control zone's."""

    def __init__(self, database: Database, log: AuditLog, tokens: Tokens) -> None:
        self._database = database
        self._log = log
        self._tokens = tokens

    async def sign_out_client(self, actor: Principal, client: ClientId) -> int:
        """Refuse every token of a system issued until now; it goes on with new ones.

        Returns:
            The second (Unix) up to which its tokens are refused.

        Raises:
            NoSuchClient.
        """
        until = self._tokens.now() + _CLOCKS_SECONDS
        async with self._database.transaction() as tx:
            found = await self._client(tx, client)
            await self._revoke(tx, "subject", found.id, until)
            await self._record(
                tx,
                EventType.CLIENT_SIGNED_OUT,
                who(actor, Role.SECURITY_ADMIN),
                "client",
                found.id,
                found.org,
            )
        self._tokens.revocations.expire()
        return until

    async def revoke_token(self, actor: Principal, token_id: str) -> None:
        """Refuse the token with this id, as the audit log names it, whosever it is."""
        async with self._database.transaction() as tx:
            await self.refuse_token(tx, token_id)
            by = who(actor, Role.SECURITY_ADMIN)
            await self._record(tx, EventType.TOKEN_REVOKED, by, "token", token_id)
        self._tokens.revocations.expire()

    async def refuse_token(self, tx: Connection, token_id: str) -> None:
        """Refuse a token within the transaction of an act that records it."""
        await self._revoke(tx, "token", token_id, self._tokens.now())

    async def keys(self) -> list[SigningKey]:
        """The gateway's signing keys: the current first, then the announced, then those that still verify."""
        return await self._tokens.keys.stored()

    async def announce_key(self, actor: Principal, seconds: int | None = None) -> str:
        """Publish the next signing key, to sign from ``seconds`` ahead (as long as the settings say); its kid.

        Raises:
            KeyAnnounced.
        """
        seconds = self._tokens.limits.key_notice_seconds if seconds is None else seconds
        async with self._database.transaction() as tx:
            kid = await self._tokens.keys.announce(tx, seconds)
            by = who(actor, Role.SECURITY_ADMIN)
            await self._record(tx, EventType.KEY_ANNOUNCED, by, "key", kid, seconds=seconds)
        self._tokens.keys.expire()
        return kid

    async def revoke_key(self, actor: Principal, kid: str) -> str | None:
        """Strike a signing key off; every token it signed is refused. The kid that took over, if it was the current one.

        Raises:
            NoSuchSigningKey.
        """
        async with self._database.transaction() as tx:
            successor = await self._tokens.keys.revoke(tx, kid)
            by = who(actor, Role.SECURITY_ADMIN)
            await self._record(tx, EventType.KEY_REVOKED, by, "key", kid, successor=successor or "")
        self._tokens.keys.expire()
        return successor

    async def _client(self, tx: Connection, client: ClientId) -> Client:
        found = await store.find_client(tx, client)
        if found is None:
            raise NoSuchClient(f"{client} is unknown", f"{client} 不存在")
        return found

    async def _revoke(self, tx: Connection, kind: str, name: str, until: int) -> None:
        await store.revoke(tx, kind, name, until, self._tokens.limits.longest_token_seconds + _CLOCKS_SECONDS)

    async def _record(
        self, tx: Connection, kind: EventType, by: Who, what: str, which: str, consumer_org: str = "",
        **detail: str | int,
    ) -> None:  # fmt: skip
        event = Event(
            type=kind, outcome=Outcome.DONE, who=by, object_kind=what, object_id=which, consumer_org=consumer_org,
            detail=detail,
        )  # fmt: skip
        await self._log.emit(tx, event)
