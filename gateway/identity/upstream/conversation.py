"""What the gateway says to a provider: its description, its keys, the code redeemed. Bounded, and to named networks only."""

import asyncio
import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from gateway.errors import BadSettings, Malformed, Unauthenticated, Upstream
from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.identity.upstream.id_token import ProviderKey, keys_of
from gateway.identity.upstream.tickets import Begun
from gateway.names import is_secure_url
from gateway.settings import Provider
from gateway.web.outbound import Outbound
from gateway.web.posting import Posting
from gateway.web.reading import parse_json
from gateway.web.upstream import UpstreamStatus

_LARGEST: Final = 65536
_DEPTH: Final = 12
_FRESH_SECONDS: Final = 300.0
_LOOK_AGAIN_SECONDS: Final = 1.0
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ProviderSilent(Upstream):
    """The identity provider gives no usable answer（身份认证平台未能正常应答）."""

    remedy = (
        "Try again later; a person of the built-in directory can sign in with a password meanwhile.",
        "请稍后重试；内置目录的人员可先用密码登录。",
    )


class CodeRefused(Unauthenticated):
    """The identity provider does not redeem this code（身份认证平台不接受该授权码）."""

    remedy = ("Begin again: POST /v1/sign-in/begin.", "请重新发起登录：POST /v1/sign-in/begin。")


@dataclass(frozen=True, slots=True)
class Metadata:
    """A provider as it describes itself (OpenID Connect Discovery 1.0 section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    names_itself: bool
    """Whether every answer must carry ``iss`` (RFC 9207 section 3)."""


class Conversation:
    """With one provider. Its description and keys are kept for five minutes.

    Raises:
        BadSettings: a secret or key file that cannot be read, or is open to others.
    """

    def __init__(self, provider: Provider, outbound: Outbound, posting: Posting) -> None:
        self.provider = provider
        self._outbound = outbound
        self._posting = posting
        self._secret = _private(provider.client_secret_file) if provider.client_secret_file else ""
        self._key: ClientKeyFile | None = None
        if provider.client_key_file is not None:
            _private(provider.client_key_file)
            self._key = ClientKeyFile.read(provider.client_key_file)
        self._metadata: Metadata | None = None
        self._keys: list[ProviderKey] = []
        self._described = self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """The provider's description.

        Raises:
            ProviderSilent: none, or one of another issuer.
        """
        if self._metadata is None or time.monotonic() - self._described > _FRESH_SECONDS:
            issuer = self.provider.issuer
            said = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            self._metadata = _metadata(said, issuer)
            self._described = time.monotonic()
        return self._metadata

    async def keys(self, *, anew: bool = False) -> list[ProviderKey]:
        """The provider's keys.

        Args:
            anew: a token named a key that was not among them: wait for a look begun after that; looks are a second
                apart and serve all who wait.

        Raises:
            ProviderSilent: no answer; TokenRefused: no key set.
        """
        came = time.monotonic()
        if anew or came - self._looked > _FRESH_SECONDS:
            async with self._looking:
                # whoever came while another looked is served by that look, unless it must be a later one
                if self._looked < (came if anew else came - _FRESH_SECONDS):
                    await asyncio.sleep(max(0.0, self._looked + _LOOK_AGAIN_SECONDS - time.monotonic()))
                    began = time.monotonic()
                    self._keys = keys_of(await self._get((await self.metadata()).jwks_uri), self.provider)
                    self._looked = began
        return self._keys

    async def authorize_url(self, begun: Begun) -> str:
        """Where the person's browser goes (RFC 6749 section 4.1.1 with PKCE, RFC 7636)."""
        provider = self.provider
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest())
        asked = {
            "response_type": "code", "client_id": provider.client_id, "redirect_uri": provider.redirect_uri,
            "scope": " ".join(provider.scopes), "state": begun.state, "nonce": begun.nonce,
            "code_challenge": challenge.decode().rstrip("="), "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = (await self.metadata()).authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def redeem(self, code: str, verifier: str) -> str:
        """The ID token for a code (RFC 6749 section 4.1.3).

        Raises:
            CodeRefused: the provider says no; ProviderSilent: no usable answer.
        """
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.provider.redirect_uri,
            "code_verifier": verifier,
        }  # fmt: skip
        endpoint = (await self.metadata()).token_endpoint
        headers, proof = self._proof(endpoint)
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **headers}
        try:
            raw = await self._posting.post(endpoint, sent, urlencode({**form, **proof}).encode(), _LARGEST)
        except UpstreamStatus as fault:
            raise CodeRefused(
                f"{self.provider.name}: {fault.detail}", f"{self.provider.title}：{fault.detail_zh}"
            ) from None
        except Upstream as fault:
            raise self._silent(fault) from None
        token = self._read(raw).get("id_token")
        if not isinstance(token, str):
            raise ProviderSilent(
                f"{self.provider.name} gives no ID token", f"{self.provider.title}未返回 ID 令牌"
            )
        return token

    def _proof(self, endpoint: str) -> tuple[dict[str, str], dict[str, str]]:
        """How the gateway proves itself: headers and form members (RFC 6749 section 2.3.1; RFC 7523 section 2.2)."""
        provider = self.provider
        if self._key is not None:
            audience = provider.issuer if provider.assertion_audience == "issuer" else endpoint
            made = signed_assertion(provider.client_id, audience, self._key)
            return {}, {
                "client_id": provider.client_id,
                "client_assertion_type": _ASSERTION,
                "client_assertion": made,
            }
        pair = f"{quote(provider.client_id, safe='')}:{quote(self._secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}

    async def _get(self, url: str) -> Mapping[str, Any]:
        try:
            return self._read(await self._outbound.get(url, {"Accept": "application/json"}, _LARGEST))
        except Upstream as fault:
            raise self._silent(fault) from None

    def _read(self, raw: bytes) -> dict[str, Any]:
        try:
            found = parse_json(raw, _DEPTH)
        except Malformed:
            found = None
        if not isinstance(found, dict):
            raise ProviderSilent(
                f"{self.provider.name} answers no JSON object", f"{self.provider.title}的应答不是 JSON 对象"
            )
        return found

    def _silent(self, fault: Upstream) -> ProviderSilent:
        if isinstance(fault, ProviderSilent):
            return fault
        return ProviderSilent(
            f"{self.provider.name}: {fault.detail}", f"{self.provider.title}：{fault.detail_zh}"
        )


def _metadata(said: Mapping[str, Any], issuer: str) -> Metadata:
    if said.get("issuer") != issuer:
        raise ProviderSilent(
            "the description is another issuer's (Discovery 1.0 section 4.3)",
            "身份认证平台元数据的签发者不符",
        )
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(isinstance(said.get(name), str) and is_secure_url(said[name]) for name in names):
        raise ProviderSilent(
            "the description lacks an endpoint, or one is not https",
            "身份认证平台元数据缺少端点或端点不是 https",
        )
    leaving = said.get("end_session_endpoint")
    return Metadata(
        said["authorization_endpoint"],
        said["token_endpoint"],
        said["jwks_uri"],
        leaving if isinstance(leaving, str) and is_secure_url(leaving) else None,
        said.get("authorization_response_iss_parameter_supported") is True,
    )


def _private(file: Path) -> str:
    """The text of a file nobody else can read."""
    try:
        mode, text = file.stat().st_mode, file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSettings(f"{file} cannot be read", f"文件 {file} 无法读取") from None
    if mode & 0o077 or not text:
        raise BadSettings(
            f"{file} is empty or open to others; run chmod 600", f"{file} 为空或权限过宽，请执行 chmod 600"
        )
    return text
