"""The whole drill: one fault after the other on one gateway, each accounted before the next begins."""

import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.bench.exchange.ground import Ground
from gateway.bench.machine import machine, place
from gateway.bench.programs import Cores, memory_bytes
from gateway.drill import store
from gateway.drill.accounting import Row, accounted
from gateway.drill.background import Background
from gateway.drill.faults import FAULTS
from gateway.drill.provider import Provider
from gateway.drill.relay import Relay
from gateway.drill.site import Site, socket_of

FAULT_NAMES: Final = tuple(FAULTS)
_SETTINGS: Final = {
    "GATEWAY__EXCHANGE__UPSTREAM_TOTAL_SECONDS": "1.5",
    "GATEWAY__EXCHANGE__UPSTREAM_CONNECT_SECONDS": "1",
}
"""A provider that hangs shall cost the drill seconds, not minutes."""


@dataclass(slots=True)
class Drilled:
    """A whole drill.

    Attributes:
        restarts: processes of the gateway that ended and were started again, those the drill killed included.
        memory_bytes: resident memory of the last process for calls at the end.
    """

    machine: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    restarts: int = 0
    memory_bytes: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether every invariant held in every fault."""
        return all(row.is_clean for row in self.rows)

    def shown(self) -> dict[str, Any]:
        """As JSON's values."""
        return {
            "machine": self.machine, "clean": self.is_clean, "faults": [row.shown() for row in self.rows],
            "restarts": self.restarts, "memory_bytes": self.memory_bytes, "system": platform.platform(),
        }  # fmt: skip


def drill(names: Sequence[str], seconds: float, say: Callable[[str], None]) -> Drilled:
    """Run faults on a throw-away gateway of several processes.

    Args:
        names: of ``FAULT_NAMES``, in the order to run.
        seconds: how long each is kept up.
        say: told what is being done.

    Raises:
        NotStarted: the gateway did not come up, or its log does not verify afterwards.
        DidNotRecover: it did not answer again after a fault.
    """
    with place("gxd") as ground, tempfile.TemporaryDirectory(prefix="gxd") as path, ExitStack() as stack:
        Path(path).chmod(0o711)
        background = stack.enter_context(Background())
        provider, relay = Provider(), Relay(str(socket_of(ground.dsn)))
        background.run(provider.open())
        background.run(relay.open())
        everywhere = frozenset(os.sched_getaffinity(0))
        gateways = Ground(Path(path), ground, Cores(everywhere, everywhere), stack, dict(_SETTINGS))
        site = Site(gateways, background, provider, relay, seconds)
        say("starting the gateway")
        gateways.start(site.upstream)
        background.run(store.install(ground.dsn))
        site.recover()
        drilled = Drilled(machine())
        for name in names:
            say(name)
            drilled.rows.append(_one(site, name))
        site.verify()
        drilled.restarts = site.restarts
        drilled.memory_bytes = memory_bytes([site.exchange.pid])
        background.run(provider.close())
        background.run(relay.close())
        return drilled


def _one(site: Site, name: str) -> Row:
    seen = len(site.provider.asked)
    happened = FAULTS[name](site)
    site.recover()
    site.receipts |= {one.receipt_id for one in happened.outcomes if one.status == 200 and one.receipt_id}
    asked = site.provider.asked[seen:]
    return accounted(name, happened.outcomes, asked, site.receipts, site.log(), happened.quota, happened.note)
