"""Speaking to an upper platform: signed requests, the short-lived secret, and what its return codes mean.

An outage and a refusal are told apart, because the one is tried again for ever and the other needs a person.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from gateway.errors import Conflict, Malformed, Upstream
from gateway.federation import store
from gateway.federation.platforms import Platform, Target
from gateway.federation.signers import SIGNERS, Credentials, Signed
from gateway.names import new_id
from gateway.seals import Vault
from gateway.seals.app_secret import open_app_secret
from gateway.storage import Database
from gateway.web.posting import Posting
from gateway.web.reading import parse_json

_OK: Final = "0"
_CALL_FAILED: Final = "-1"
_ANSWER_BYTES: Final = 4 * 1024 * 1024
_DEPTH: Final = 16
_CIVIL: Final = timedelta(hours=8)
_EARLIER: Final = timedelta(seconds=30)


class UpperSilent(Upstream):
    """The upper platform does not answer usably（上级平台未能正常应答）."""


class UpperRefuses(Conflict):
    """The upper platform refuses the report（上级平台退回）."""


class UpperKeyMissing(Conflict):
    """No key is stored for the upper platform（未设置上级平台密钥）."""

    remedy = (
        "A security administrator gives it with PUT /v1/cascade/platforms/{platform}/key.",
        "由安全管理员通过 PUT /v1/cascade/platforms/{platform}/key 设置。",
    )


class FlowNotOffered(Conflict):
    """The upper platform does not offer this（上级平台未提供此项服务）."""

    remedy = (
        "Name the operation in the platform's file in config/federation, if the platform has it.",
        "如上级平台提供该服务，请在 config/federation 的平台文件中补充。",
    )


@dataclass(frozen=True, slots=True)
class _Secret:
    text: str
    until: datetime


class Uppers:
    """Clients of all upper platforms. ``vault`` opens the stored keys; ``now`` gives the present instant."""

    def __init__(
        self, database: Database, vault: Vault, posting: Posting, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._vault = vault
        self._posting = posting
        self._now = now
        self._secrets: dict[str, _Secret] = {}

    async def ask(self, platform: Platform, operation: str, body: Mapping[str, Any]) -> Any:
        """The ``data`` of the platform's answer to an operation.

        Raises:
            FlowNotOffered: the platform's file does not name the operation.
            UpperKeyMissing: no key is stored.
            UpperSilent: no usable answer: to be tried again.
            UpperRefuses: a definite no, with the platform's code and words.
        """
        target = target_of(platform, operation)
        kept = platform.id in self._secrets
        try:
            return await self._signed(platform, target, body)
        except UpperRefuses:
            if not kept:
                raise
            self.forget(platform.id)  # perhaps it was the kept secret that was refused
            return await self._signed(platform, target, body)

    async def signed(self, platform: Platform, service: str) -> Signed:
        """What a call to a service of the platform carries.

        Raises:
            UpperKeyMissing, UpperSilent, UpperRefuses: the key or the short-lived secret could not be had.
        """
        return self._sign(platform, service, await self._current(platform))

    def forget(self, platform: str) -> None:
        """Fetch the short-lived secret anew with the next request."""
        self._secrets.pop(platform, None)

    async def _signed(self, platform: Platform, target: Target, body: Mapping[str, Any]) -> Any:
        return await self._send(platform, target, await self._current(platform), body)

    async def _current(self, platform: Platform) -> str:
        key = await self._key(platform)
        return await self._secret(platform, key) if platform.secret else key

    def _sign(self, platform: Platform, service: str, secret: str) -> Signed:
        who = Credentials(platform.requester, secret)
        return SIGNERS[platform.style](who, service, self._now(), os.urandom(12).hex())

    async def _secret(self, platform: Platform, key: str) -> str:
        """The short-lived secret, fetched anew when its time is over (at the latest at the next local midnight)."""
        held = self._secrets.get(platform.id)
        if held is None or held.until <= self._now():
            held = self._secrets[platform.id] = await self._refreshed(platform, key)
        return held.text

    async def _refreshed(self, platform: Platform, key: str) -> _Secret:
        step = platform.secret
        if step is None:
            raise FlowNotOffered(f"{platform.id} has no short-lived secret", f"{platform.name}未使用临时密钥")
        data = await self._send(platform, Target(service=step.service, path=step.path), key, {})
        try:
            text = open_app_secret(data["secret"], key.encode(), step.mode, step.iv.encode())
            until = datetime.fromtimestamp(int(data["secretEndTime"]) / 1000, UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            raise UpperSilent(
                f"the secret of {platform.id} does not open: another key or AES mode",
                f"{platform.name}的临时密钥无法解开",
            ) from None
        return _Secret(text, min(until - _EARLIER, _midnight_after(self._now())))

    async def _send(self, platform: Platform, target: Target, secret: str, body: Mapping[str, Any]) -> Any:
        signed = self._sign(platform, target.service, secret)
        query = f"?{urlencode(signed.parameters)}" if signed.parameters else ""
        headers = {"Content-Type": "application/json", "Request-Id": str(new_id()), **signed.headers}
        url = f"{platform.base_url}{target.path}{query}"
        try:
            raw = await self._posting.post(url, headers, orjson.dumps(body), _ANSWER_BYTES)
            answer = parse_json(raw, _DEPTH)
        except Malformed:
            raise UpperSilent(f"{platform.id} answers no JSON", f"{platform.name}的应答不是 JSON") from None
        except Upstream as fault:
            raise UpperSilent(
                f"{platform.id}: {fault.detail}", f"{platform.name}：{fault.detail_zh}"
            ) from None
        return _data(platform, answer)

    async def _key(self, platform: Platform) -> str:
        async with self._database.connection() as connection:
            wrapped = await store.key_of(connection, platform.id)
        if wrapped is None:
            raise UpperKeyMissing(f"{platform.id} has no key", f"{platform.name}尚未设置密钥")
        return self._vault.unwrap(wrapped, platform.id).decode()


def target_of(platform: Platform, operation: str) -> Target:
    """Raises FlowNotOffered."""
    found = platform.operations.get(operation)
    if found is None:
        raise FlowNotOffered(f"{platform.id} offers no {operation}", f"{platform.name}未提供 {operation}")
    return found


def _data(platform: Platform, answer: Any) -> Any:
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), str | int):
        raise UpperSilent(f"{platform.id} answers without a code", f"{platform.name}的应答没有返回码")
    code = str(answer["code"])
    said = str(answer.get("message") or "")[:500]
    if code == _CALL_FAILED:
        raise UpperSilent(f"{platform.id}: {code} {said}", f"{platform.name}：{code} {said}")
    if code != _OK:
        raise UpperRefuses(f"{platform.id}: {code} {said}", f"{platform.name}：{code} {said}", code=code)
    return answer.get("data")


def _midnight_after(now: datetime) -> datetime:
    """The next midnight in China, which has one offset all year."""
    local = now.astimezone(UTC) + _CIVIL
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - _CIVIL
