"""Records to a NATS JetStream: each is acknowledged by the stream, and known there by its event id."""

import asyncio
import ssl
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from gateway.errors import BadSettings
from gateway.sections import Siem
from gateway.siem.model import Outgoing, SinkDown

_CLOSE_SECONDS: Final = 2


class NoNatsClient(BadSettings):
    """The NATS client is not installed（未安装 NATS 客户端）."""

    remedy = (
        "Install the gateway with its extra: pip install 'data-sharing-gateway[nats]'.",
        "请安装附加组件：pip install 'data-sharing-gateway[nats]'。",
    )


class Nats:
    """Publishes under ``<nats_subject>.<event type>``; the stream that keeps them is the operator's to make.

    The stream drops a second message of the same ``Nats-Msg-Id`` within its own window of time.
    """

    def __init__(self, settings: Siem) -> None:
        self._settings = settings
        self._client: Any = None
        self._settled: int | None = None

    @property
    def name(self) -> str:
        """Server and subject."""
        return f"nats:{self._settings.nats_url}:{self._settings.nats_subject}"

    async def open(self) -> None:
        """Connect. Raises SinkDown; NoNatsClient; BadSettings: a file cannot be read."""
        settings = self._settings
        try:
            nats = import_module("nats")
        except ImportError:
            raise NoNatsClient("the package nats-py is missing", "缺少 nats-py") from None
        self._settled = None
        options: dict[str, Any] = {"allow_reconnect": False, "connect_timeout": settings.send_seconds}
        if settings.nats_credentials_file is not None:
            options["user_credentials"] = str(settings.nats_credentials_file)
        if str(settings.nats_url).startswith("tls://"):
            options["tls"] = ssl.create_default_context(cafile=settings.nats_trust_file)
        try:
            async with asyncio.timeout(settings.send_seconds):
                self._client = await nats.connect(settings.nats_url, error_cb=_heard, **options)
        except Exception as fault:  # the client's errors have no common ancestor
            raise _down(fault) from None

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Publish, and wait for the stream's answer to each. Raises SinkDown."""
        stream, subject = (
            self._client.jetstream(timeout=self._settings.send_seconds),
            self._settings.nats_subject,
        )
        try:
            async with asyncio.timeout(self._settings.send_seconds):
                for one in batch:  # in order: the stream keeps the order of arrival
                    headers = {"Nats-Msg-Id": str(one.event_id)}
                    await stream.publish(f"{subject}.{one.type}", one.body, headers=headers)
        except Exception as fault:  # as above
            raise _down(fault) from None
        self._settled = batch[-1].idx

    def settled(self) -> int | None:
        """The last record the stream has."""
        return self._settled

    async def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await client.close()
        except Exception:  # what cannot be closed is gone already
            return


async def _heard(_fault: Exception) -> None:
    """Faults of the connection show in the next act on it."""


def _down(fault: Exception) -> SinkDown:
    return SinkDown(f"NATS: {str(fault) or type(fault).__name__}"[:300], "NATS 未接收")
