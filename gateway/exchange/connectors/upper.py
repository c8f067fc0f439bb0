"""接口 of an upper platform (省、国家): the same question, with the headers the platform's style wants.

The signature goes to the platform's own address and nowhere else: a mount that named a platform and led elsewhere
would hand its signature to a stranger.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from gateway.catalog import UpperService
from gateway.errors import Conflict, NotFound, Unavailable
from gateway.federation import Platform, Platforms, Uppers
from gateway.web.outbound import UpstreamInvalid, UpstreamStatus


class UpperNotReady(Unavailable):
    """The gateway cannot speak to the upper platform yet（网关尚未接通上级平台）."""

    remedy = (
        "Tell the platform's administrator: the platform must be configured, enabled and given its key.",
        "请联系平台管理员：须配置并启用该上级平台，并设置密钥。",
    )


class UpperServices:
    """Signs calls to services of upper platforms, and reads their return codes."""

    def __init__(self, platforms: Platforms, uppers: Uppers) -> None:
        self._platforms = platforms
        self._uppers = uppers

    async def signed(
        self, service: UpperService, url: str, headers: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        """The address and headers to send.

        Raises:
            UpperNotReady: the platform is unknown, off or without a key.
            UpstreamInvalid: the address is not the platform's.
            Upstream: its short-lived secret could not be had.
        """
        platform = self._platform(service.platform)
        if not url.startswith(f"{platform.base_url}/"):
            raise UpstreamInvalid(
                f"the mount's address is not one of {platform.id}", f"挂接地址不属于{platform.name}"
            )
        try:
            sign = await self._uppers.signed(platform, service.service)
        except Conflict as missing:
            raise UpperNotReady(missing.detail, missing.detail_zh) from None
        joined = "&" if "?" in url else "?"
        query = f"{joined}{urlencode(sign.parameters)}" if sign.parameters else ""
        return url + query, {**headers, **sign.headers}

    def check(self, service: UpperService, answer: Any) -> None:
        """Raises UpstreamStatus where the platform's return code is none of success; its secret is then fetched anew."""
        code = answer.get("code") if isinstance(answer, dict) else None
        if code is not None and str(code) != "0":
            self._uppers.forget(service.platform)
            raise UpstreamStatus(
                f"the upper platform answers {str(code)[:32]}", f"上级平台返回 {str(code)[:32]}"
            )

    def _platform(self, name: str) -> Platform:
        try:
            found = self._platforms.get(name)
        except NotFound as missing:
            raise UpperNotReady(missing.detail, missing.detail_zh) from None
        if not found.enabled:
            raise UpperNotReady(f"{name} is not enabled", f"{found.name}未启用")
        return found
