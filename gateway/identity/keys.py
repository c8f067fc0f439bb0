"""The gateway's own signing keys: made, wrapped, rotated without restart, shared by all processes.

The private key lies in the database under the vault; processes of the exchange zone can read public keys only.
A process that meets an unknown kid looks again before it refuses, so a rotation elsewhere needs no restart.
"""

import asyncio
import json
import time
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import Unavailable
from gateway.identity import store
from gateway.identity.jwk import accepted
from gateway.seals import Vault
from gateway.storage import Connection, Database

_FRESH_SECONDS: Final = 5.0
_LOOK_AGAIN_SECONDS: Final = 0.5


class NoSigningKey(Unavailable):
    """The gateway has no signing key yet（网关尚无签名密钥）."""

    remedy = (
        "Start the gateway with ./gw up once; it makes the first key.",
        "请先运行 ./gw up 生成首个密钥。",
    )


class KeyRing:
    """Public keys for verification and, where a vault is given, the current private key for signing."""

    def __init__(self, database: Database, longest_token_seconds: int, vault: Vault | None = None) -> None:
        self._database = database
        self._longest = longest_token_seconds
        self._vault = vault
        self._public: dict[str, dict[str, Any]] = {}
        self._current: tuple[str, Any] | None = None
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def public(self) -> list[dict[str, Any]]:
        """The key set as published (RFC 7517 section 5): current first, then those still verifying tokens."""
        async with self._database.connection() as connection:
            return await store.public_keys(connection, self._longest)

    async def find(self, kid: str) -> dict[str, Any] | None:
        """The public key, from memory for five seconds.

        An unknown kid waits for a look begun after it came; looks are half a second apart and serve all who wait,
        so made-up kids cost the database nothing and a key rotated elsewhere is never refused.
        """
        came = time.monotonic()
        if kid not in self._public or came - self._looked > _FRESH_SECONDS:
            async with self._looking:
                if self._looked < came:
                    await self._look()
        return self._public.get(kid)

    async def _look(self) -> None:
        await asyncio.sleep(max(0.0, self._looked + _LOOK_AGAIN_SECONDS - time.monotonic()))
        began = time.monotonic()
        self._public = {jwk["kid"]: jwk for jwk in await self.public()}
        self._looked = began

    async def signing(self, tx: Connection) -> tuple[str, Any]:
        """(kid, private key) of the current key.

        Raises:
            NoSigningKey: none was made yet.
            WrongKey: the master key is not the one it was wrapped with.
        """
        row = await store.current_signing_key(tx)
        if row is None or self._vault is None:
            raise NoSigningKey("there is no signing key", "没有签名密钥")
        if self._current is None or self._current[0] != row["kid"]:
            pem = self._vault.unwrap(row["private_wrapped"], row["kid"])
            self._current = (row["kid"], serialization.load_pem_private_key(pem, password=None))
        return self._current

    async def rotate(self, tx: Connection) -> tuple[str, list[str]]:
        """Make a new ES256 key and retire the present one; its tokens stay valid until they expire.

        Returns:
            The new kid and the kids retired.
        """
        if self._vault is None:
            raise NoSigningKey("this zone cannot make keys", "本进程不能生成密钥")
        private = ec.generate_private_key(ec.SECP256R1())
        public = accepted(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())))
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        kid: str = public["kid"]
        return kid, await store.rotate_signing_key(tx, kid, public, self._vault.wrap(pem, kid))
