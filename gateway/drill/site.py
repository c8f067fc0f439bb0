"""What the drill works on: a throw-away database, the gateway's processes, a provider, a relay, and callers."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from gateway.bench.exchange.departments import SERVICE
from gateway.bench.exchange.ground import Ground
from gateway.bench.programs import Program
from gateway.drill import store
from gateway.drill.accounting import Log
from gateway.drill.background import Background
from gateway.drill.callers import Load, Outcome
from gateway.drill.provider import Behaviour, Provider, well
from gateway.drill.relay import Relay
from gateway.errors import Unavailable

_WELL_SECONDS: Final = 60
_QUIET_SECONDS: Final = 0.5
_POLL_SECONDS: Final = 0.2


class DidNotRecover(Unavailable):
    """After a fault the gateway did not answer again（故障之后网关未恢复应答）."""


@dataclass(slots=True)
class Site:
    """One drill under way.

    Attributes:
        seconds: how long a fault is kept up.
        receipts: all receipts given to callers so far.
    """

    ground: Ground
    background: Background
    provider: Provider
    relay: Relay
    seconds: float
    receipts: set[str] = field(default_factory=set)
    restarts: int = 0
    _numbers: int = 0

    @property
    def exchange(self) -> Program:
        """The process that answers calls at the moment."""
        return self.ground.serving[-1]

    @property
    def upstream(self) -> str:
        """The provider's address."""
        return f"http://127.0.0.1:{self.provider.port}"

    def number(self) -> int:
        """A number that tells the resources of the drill apart; 1 is the first grant's."""
        self._numbers += 1
        return self._numbers + 1

    def load(
        self,
        calls: int | None = None,
        callers: int = 16,
        service: str = SERVICE,
        at: Sequence[int] = (-1,),
    ) -> Load:
        """Callers of a service at some of the processes, not begun yet."""
        urls = [self.ground.url(one, service) for one in at]
        return Load(urls, self.ground.headers(service), callers, calls)

    @contextmanager
    def under_load(self, load: Load) -> Iterator[Load]:
        """The callers go on until the block ends."""
        running = self.background.start(load.run())
        try:
            yield load
        finally:
            load.over = True
            running.result()

    def asked(self, load: Load) -> list[Outcome]:
        """Let the callers make all their calls."""
        self.background.run(load.run())
        return load.outcomes

    def refuse(self, kind: str, code: str = "P0001") -> None:
        """The database refuses audit records of a kind, ``*`` for all."""
        self.background.run(store.refuse(self.ground.place.dsn, kind, code))

    def accept(self) -> None:
        """It takes them again."""
        self.background.run(store.accept(self.ground.place.dsn))

    @contextmanager
    def behaving(self, behaviour: Behaviour) -> Iterator[None]:
        """The provider behaves that way until the block ends."""
        self.provider.behave = behaviour
        try:
            yield
        finally:
            self.provider.behave = well

    def keep_up(self) -> None:
        """Let the fault last."""
        time.sleep(self.seconds)

    def start_again(self) -> None:
        """Another process for calls in place of the one that ended."""
        self.restarts += 1
        self.ground.add()

    def recover(self) -> None:
        """Until a call is answered again; processes that ended are started anew, as their supervisor would.

        Raises:
            DidNotRecover: a minute passed.
        """
        give_up = time.monotonic() + _WELL_SECONDS
        while time.monotonic() < give_up:
            self._revive()
            with suppress(Unavailable, OSError):
                outcomes = self.asked(self.load(calls=1, callers=1))
                self.receipts |= {one.receipt_id for one in outcomes if one.receipt_id}
                if outcomes and outcomes[0].status == 200:
                    return
            time.sleep(_POLL_SECONDS)
        raise DidNotRecover(self.exchange.last_words(), self.exchange.last_words())

    def _revive(self) -> None:
        beside = self.ground.beside
        if beside is not None and beside.process.poll() is not None:
            self.restarts += 1
            self.ground.start_beside()
        if self.exchange.process.poll() is not None:
            self.start_again()

    def log(self) -> Log:
        """The whole ledger, once nothing new has come into it for a moment."""
        before = -1
        while True:
            found = self._dumped()
            if found.calls == before:
                return found
            before = found.calls
            time.sleep(_QUIET_SECONDS)

    def _dumped(self) -> Log:
        file = self.ground.folder / "ledger"
        file.unlink(missing_ok=True)
        self.ground.run("audit", "dump", str(file), "--data-dir", str(self.ground.folder / "beside"))
        return Log.read(file)

    def verify(self) -> None:
        """Rebuild the log's tree from its bytes. Raises NotStarted: it does not verify."""
        self.ground.run("audit", "verify", "--data-dir", str(self.ground.folder / "beside"))


def socket_of(dsn: str) -> Path:
    """The unix socket a DSN with ``host`` and ``port`` in its query names."""
    query = parse_qs(urlsplit(dsn).query)
    return Path(unquote(query["host"][0])) / f".s.PGSQL.{query['port'][0]}"


def through(dsn: str, port: int) -> str:
    """The same database through a TCP port of this machine."""
    parts = urlsplit(dsn)
    return parts._replace(query=f"host=127.0.0.1&port={port}").geturl()
