"""The gateway's own signing keys: made, wrapped, announced, rotated without restart, shared by all processes.

The private key lies in the database under the vault; processes of the exchange zone can read public keys only.
A process that meets an unknown kid looks again before it refuses, so a rotation elsewhere needs no restart; and it trusts
no look older than a second, so a key revoked anywhere is refused everywhere.
"""

import asyncio
import json
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import Conflict, NotFound, Unavailable
from gateway.identity import store
from gateway.identity.jwk import accepted
from gateway.identity.store import SigningKey
from gateway.seals import Vault
from gateway.storage import Connection, Database

_FRESH_SECONDS: Final = 1.0
_LOOK_AGAIN_SECONDS: Final = 0.5


class NoSigningKey(Unavailable):
    """The gateway has no signing key yet（网关尚无签名密钥）."""

    remedy = (
        "Start the gateway with ./gw up once; it makes the first key.",
        "请先运行 ./gw up 生成首个密钥。",
    )


class KeyAnnounced(Conflict):
    """A next signing key is announced already（已预告下一个签名密钥）."""

    remedy = (
        "Wait until it takes over, or let it sign at once: POST /v1/keys/rotate.",
        "请等待其生效，或调用 POST /v1/keys/rotate 立即启用。",
    )


class NoSuchSigningKey(NotFound):
    """The gateway has no such signing key in force（网关没有该有效签名密钥）."""


class KeyRing:
    """Public keys for verification and, where a vault is given, the current private key for signing.

    Args:
        longest_token_seconds: how long after its retirement a key still verifies: the longest life of a token, and
            what clocks may differ.
    """

    def __init__(self, database: Database, longest_token_seconds: int, vault: Vault | None = None) -> None:
        self._database = database
        self._longest = longest_token_seconds
        self._vault = vault
        self._keys: list[SigningKey] = []
        self._public: dict[str, dict[str, Any]] = {}
        self._private: tuple[str, Any] | None = None
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def stored(self) -> list[SigningKey]:
        """All keys that sign, will sign, or still verify: the current first, then the announced, then older ones."""
        async with self._database.connection() as connection:
            return await self._stored(connection)

    async def _stored(self, connection: Connection) -> list[SigningKey]:
        found = await store.signing_keys(connection, self._longest)
        return sorted(found, key=lambda key: (not key.is_current, key.retired_at is not None))

    async def public(self) -> list[dict[str, Any]]:
        """The key set as published (RFC 7517 section 5)."""
        return [key.public for key in await self.stored()]

    def fresh(self) -> dict[str, dict[str, Any]] | None:
        """Public keys by kid, if looked at in the last second; another object whenever they changed."""
        return self._public if time.monotonic() - self._looked <= _FRESH_SECONDS else None

    async def find(self, kid: str) -> dict[str, Any] | None:
        """The public key, from memory for a second.

        A known kid waits for no look but one that is due. An unknown kid waits for a look begun after it came; these are
        half a second apart and serve all who wait, so made-up kids cost the database nothing and a key rotated elsewhere
        is never refused.
        """
        came = time.monotonic()
        if not self._holds(kid, came):
            async with self._looking:
                # whoever came while another looked is served by that look, where it knows the kid
                if self._looked < came and not self._holds(kid, came):
                    await self._look()
        return self._public.get(kid)

    def _holds(self, kid: str, came: float) -> bool:
        return kid in self._public and came - self._looked <= _FRESH_SECONDS

    async def refresh(self) -> None:
        """Look again, whoever waits. Raises DatabaseDown."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        await asyncio.sleep(max(0.0, self._looked + _LOOK_AGAIN_SECONDS - time.monotonic()))
        began = time.monotonic()
        self._remember(await self.stored(), began)

    def _remember(self, keys: list[SigningKey], began: float) -> None:
        self._keys = keys
        found = {key.kid: key.public for key in keys}
        if found != self._public:
            self._public = found
        self._looked = began

    def expire(self) -> None:
        """Look again before the next answer: the keys were changed in this process."""
        self._looked = float("-inf")

    async def signing(self, tx: Connection) -> tuple[str, Any]:
        """(kid, private key) of the current key, as of the last second.

        Raises:
            NoSigningKey: none was made yet.
            WrongKey: the master key is not the one it was wrapped with.
        """
        began = time.monotonic()
        if began - self._looked > _FRESH_SECONDS:
            self._remember(
                await self._stored(tx), began
            )  # not by a second connection: all could wait for one
        kid = next((key.kid for key in self._keys if key.is_current), None)
        if kid is None or self._vault is None:
            raise NoSigningKey("there is no signing key", "没有签名密钥")
        if self._private is None or self._private[0] != kid:
            pem = self._vault.unwrap(await store.wrapped_key(tx, kid), kid)
            self._private = (kid, serialization.load_pem_private_key(pem, password=None))
        return self._private

    async def rotate(self, tx: Connection) -> tuple[str, list[str]]:
        """Let the announced key sign at once, or a new one; tokens of the present one stay valid until they expire.

        Returns:
            The kid that signs now and the kids retired.
        """
        await store.lock_signing_keys(tx)
        promoted = await store.promote_announced_key(tx)
        return promoted if promoted is not None else await self._add(tx, 0)

    async def announce(self, tx: Connection, seconds: int) -> str:
        """Publish a new key that will sign from ``seconds`` ahead, so that whoever keeps our key set learns it in time.

        Raises:
            KeyAnnounced: one is announced already.
        """
        await store.lock_signing_keys(tx)
        if await store.announced_key(tx) is not None:
            raise KeyAnnounced("a key is announced already", "已有预告的密钥")
        return (await self._add(tx, seconds))[0]

    async def revoke(self, tx: Connection, kid: str) -> str | None:
        """Strike a key off: what it signed is refused within a second or two, on every process.

        Returns:
            The key that signs from now on if the current one was struck off; None if it goes on.

        Raises:
            NoSuchSigningKey: there is none with this kid, or it is revoked already.
        """
        await store.lock_signing_keys(tx)
        if not await store.revoke_signing_key(tx, kid):
            raise NoSuchSigningKey(f"{kid} is no key in force", f"{kid} 不是有效的签名密钥")
        keys = await store.signing_keys(tx, 0)
        if any(key.is_current for key in keys):
            if all(key.retired_at is not None for key in keys):
                await store.keep_current_key(tx)
            return None
        return (await self.rotate(tx))[0]

    async def _add(self, tx: Connection, seconds: int) -> tuple[str, list[str]]:
        if self._vault is None:
            raise NoSigningKey("this zone cannot make keys", "本进程不能生成密钥")
        private = ec.generate_private_key(ec.SECP256R1())
        public = accepted(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())))
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        kid: str = public["kid"]
        return kid, await store.rotate_signing_key(tx, kid, public, self._vault.wrap(pem, kid), seconds)
