"""The three listeners of a process: calls, control API, operations; TLS on the first two where the files are named."""

import socket
import ssl
from contextlib import AsyncExitStack

from gateway.settings import Settings
from gateway.telemetry import Metrics
from gateway.web.conversation import Answer, conversing
from gateway.web.crowd import Crowd
from gateway.web.door import Door
from gateway.web.listener import Handler, Listener, bound, listener_of, listening


class Listeners:
    """Sockets bound at once, so that their ports are known, and served when their handlers are there.

    Raises:
        BadSettings: an address is taken, or the TLS files cannot be used.
    """

    def __init__(
        self, settings: Settings, parts: frozenset[str], stack: AsyncExitStack, metrics: Metrics
    ) -> None:
        self._metrics = metrics
        listen = settings.listen
        wanted = {
            "exchange": (listen.exchange_host, listen.exchange_port),
            "control": (listen.control_host, listen.control_port),
            "operations": (listen.metrics_host, listen.metrics_port),
        }
        self._limits = settings.web
        self._opened: dict[str, socket.socket] = {
            name: stack.enter_context(bound(host, port))
            for name, (host, port) in wanted.items()
            if name == "operations" or name in parts
        }
        self.door: Door | None = None
        if listen.tls_certificate_file is not None and listen.tls_key_file is not None:
            asks = listen.client_certificates == "asked"
            self.door = Door(listen.tls_certificate_file, listen.tls_key_file, asks=asks)

    @property
    def own_url(self) -> str:
        """The address under which this process knows itself: that of the control API where it runs here."""
        return self[("control" if "control" in self._opened else "operations")].url

    def __getitem__(self, name: str) -> Listener:
        return listener_of(self._opened[name], secure=self.door is not None and name != "operations")

    def get(self, name: str) -> Listener | None:
        """The listener, if this process has it."""
        return self[name] if name in self._opened else None

    async def serve(self, name: str, handle: Handler, stack: AsyncExitStack) -> None:
        """Serve on a listener until ``stack`` closes; see :func:`listening`."""
        served = listening(
            handle, self._opened[name], self._limits, tls=self._tls(name), crowd=self._crowd(name)
        )
        await stack.enter_async_context(served)

    async def converse(self, name: str, answer: Answer, stack: AsyncExitStack) -> None:
        """Answer calls on a listener until ``stack`` closes; see :func:`conversing`."""
        served = conversing(
            answer, self._opened[name], self._limits, tls=self._tls(name), crowd=self._crowd(name)
        )
        await stack.enter_async_context(served)

    def _crowd(self, name: str) -> Crowd:
        return Crowd(self._limits, self._metrics.turned_away.labels(name).inc)

    def _tls(self, name: str) -> ssl.SSLContext | None:
        return self.door.context if self.door is not None and name != "operations" else None
