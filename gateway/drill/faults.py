"""The faults, one function each: it spoils something, lets callers ask meanwhile, mends it, and gives the calls."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import SplitResult, urlsplit

from gateway.drill import provider
from gateway.drill.callers import Outcome
from gateway.drill.clocked import CLOCK
from gateway.drill.provider import Behaviour
from gateway.drill.site import Site, through

_LAST_UNITS: Final = 40
_RACING_CALLS: Final = 200
_REVOKED_WITHIN_SECONDS: Final = 2.0
_SLOW_HEADS: Final = 200
_SLOW_READERS: Final = 40
_MESSAGES_MOST: Final = 24
_ALL: Final = "*"
_JUMPS_SECONDS: Final = (3600, -3600, 100_000)
_DISK_FULL: Final = "53100"


@dataclass(slots=True)
class Happened:
    """The calls of one fault; ``quota`` where the grant's end was put to the test, ``faults`` what else went wrong."""

    outcomes: list[Outcome] = field(default_factory=list)
    quota: int | None = None
    note: str = ""


Fault = Callable[[Site], Happened]


def nothing(site: Site) -> Happened:
    """No fault, to compare with."""
    with site.under_load(site.load()) as load:
        site.keep_up()
    return Happened(load.outcomes)


def refused_record(site: Site, *, kind: str, code: str = "P0001") -> Happened:
    """The database refuses audit records: calls answer 503 and the provider's bytes stay."""
    with site.under_load(site.load()) as load:
        time.sleep(site.seconds / 3)
        site.refuse(kind, code)
        site.keep_up()
        site.accept()
    return Happened(load.outcomes, note=_statuses(load.outcomes))


def broken_message(site: Site) -> Happened:
    """The n-th message to the database is the last on its connection, for every n of a call and its process."""
    site.ground.add(settings={"GATEWAY__STORAGE__DSN": through(site.ground.place.dsn, site.relay.port)})
    outcomes: list[Outcome] = []
    most = 0
    try:
        site.recover()
        for number in range(1, _MESSAGES_MOST + 1):
            site.relay.break_at(number)
            outcomes += site.asked(site.load(calls=4, callers=2))
            most = number if site.relay.broke else most
            site.relay.break_at(0)
            site.recover()
    finally:
        site.exchange.stop()
        site.start_again()
    return Happened(outcomes, note=f"n = 1 … {most}; {_statuses(outcomes)}")


def postgres_killed(site: Site) -> Happened:
    """PostgreSQL is killed under load and started again."""
    server = site.ground.place.server
    with site.under_load(site.load()) as load:
        time.sleep(site.seconds / 2)
        os.kill(site.ground.place.pid, signal.SIGKILL)
        time.sleep(0.5)
        server.stop()
        server.start()
        site.keep_up()
    return Happened(load.outcomes, note=_statuses(load.outcomes))


def gateway_killed(site: Site) -> Happened:
    """The process for calls is killed under load, again and again, and another one started."""
    outcomes: list[Outcome] = []
    for part in (0.5, 0.25, 0.75):
        with site.under_load(site.load()) as load:
            time.sleep(site.seconds * part)
            site.exchange.process.kill()
            site.exchange.process.wait()
        outcomes += load.outcomes
        site.start_again()
        site.recover()
    return Happened(outcomes, note="3 times")


def misbehaving(site: Site, *, behaviour: Callable[[], Behaviour]) -> Happened:
    """A provider that answers as no provider should."""
    with site.under_load(site.load()) as load, site.behaving(behaviour()):
        site.keep_up()
    return Happened(load.outcomes, note=_statuses(load.outcomes))


def slow_clients(site: Site) -> Happened:
    """Heads that come byte by byte and readers that do not read, beside callers who do nothing wrong."""
    parts = urlsplit(site.ground.url(-1))
    with ExitStack() as stack, site.under_load(site.load()) as load:
        heads = [stack.enter_context(closing(_line(parts))) for _ in range(_SLOW_HEADS)]
        readers = [stack.enter_context(closing(_line(parts))) for _ in range(_SLOW_READERS)]
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        for reader in readers:
            reader.send(head * 20)
        ends = time.monotonic() + max(site.seconds, 7)
        while time.monotonic() < ends:
            heads = [one for one in heads if _sent(one, b"G")]
            time.sleep(0.5)
    bad = sum(one.status != 200 for one in load.outcomes)
    note = f"{_SLOW_HEADS - len(heads)} of {_SLOW_HEADS} slow heads cut; others refused: {bad}"
    return Happened(load.outcomes, note=note)


def clock_jumps(site: Site) -> Happened:
    """The clock of the process for calls jumps: a token is refused while it is not valid by that clock, answered else."""
    folder = site.ground.folder / f"exchange-{len(site.ground.serving) + 1}"
    folder.mkdir()
    clock = folder / CLOCK
    clock.write_text("0", "ascii")
    site.ground.add(module="gateway.drill.clocked")
    outcomes: list[Outcome] = []
    beyond = 0
    try:
        for seconds in _JUMPS_SECONDS:
            site.recover()
            with site.under_load(site.load()) as load:
                time.sleep(site.seconds / 2)
                clock.write_text(str(seconds), "ascii")
                time.sleep(0.5)
                before = len(load.outcomes)
                time.sleep(site.seconds / 2)
                beyond += sum(one.status == 200 for one in load.outcomes[before:])
            clock.write_text("0", "ascii")
            outcomes += load.outcomes
    finally:
        site.exchange.stop()
        site.start_again()
    answered = sum(one.status == 200 for one in outcomes)
    return Happened(outcomes, answered - beyond, _statuses(outcomes))


def last_unit(site: Site) -> Happened:
    """Two processes, one grant with few calls left, many callers at both."""
    number = site.number()
    service = f"racing{number}"
    site.ground.departments.grant(site.upstream, service, number, _LAST_UNITS)
    site.ground.add()
    site.recover()
    outcomes = site.asked(site.load(_RACING_CALLS, 32, service, at=(-1, -2)))
    return Happened(outcomes, _LAST_UNITS, f"{_LAST_UNITS} left; {_statuses(outcomes)}")


def revoked(site: Site) -> Happened:
    """A grant is revoked under load: two seconds later nobody gets an answer any more."""
    number = site.number()
    service = f"revoked{number}"
    grant = site.ground.departments.grant(site.upstream, service, number)
    act = site.ground.departments.act
    with site.under_load(site.load(service=service, at=(-1, -2))) as load:
        time.sleep(site.seconds / 2)
        act("security-admin", "POST", f"/v1/grants/{grant}/revoke", {"reason": "演练"})
        time.sleep(_REVOKED_WITHIN_SECONDS)
        before = len(load.outcomes)
        site.keep_up()
    late = load.outcomes[before:]
    answered = sum(one.status == 200 for one in load.outcomes[:before])
    note = f"{len(late)} calls later than 2 s after it; {_statuses(load.outcomes)}"
    return Happened(load.outcomes, answered, note)


def _line(parts: SplitResult) -> socket.socket:
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)


def _sent(line: socket.socket, byte: bytes) -> bool:
    """Whether the other side still takes it."""
    try:
        line.send(byte)
        line.setblocking(False)
        return line.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _statuses(outcomes: list[Outcome]) -> str:
    counted: dict[int, int] = {}
    for one in outcomes:
        counted[one.status] = counted.get(one.status, 0) + 1
    return ", ".join(f"{status or 'broken'}: {number}" for status, number in sorted(counted.items()))


FAULTS: Final[dict[str, Fault]] = {
    "none": nothing,
    "audit_refuses_intent": partial(refused_record, kind="call.intended"),
    "audit_refuses_release": partial(refused_record, kind="call.released"),
    "audit_refuses_everything": partial(refused_record, kind=_ALL),
    "audit_disk_full": partial(refused_record, kind=_ALL, code=_DISK_FULL),
    "database_message_n_breaks": broken_message,
    "postgres_killed": postgres_killed,
    "gateway_killed": gateway_killed,
    "provider_hangs": partial(misbehaving, behaviour=lambda: provider.hanging),
    "provider_drips": partial(misbehaving, behaviour=lambda: provider.dripping),
    "provider_resets_at_byte_k": partial(misbehaving, behaviour=provider.resetting),
    "provider_lies_about_length": partial(misbehaving, behaviour=lambda: provider.sending(*provider.LIES, close=True)),
    "provider_sends_bombs": partial(misbehaving, behaviour=lambda: provider.sending(*provider.BOMBS)),
    "provider_redirects": partial(misbehaving, behaviour=lambda: provider.sending(*provider.REDIRECTS)),
    "provider_sends_wrong_types": partial(misbehaving, behaviour=lambda: provider.sending(*provider.WRONG)),
    "slow_clients": slow_clients,
    "clock_jumps": clock_jumps,
    "two_processes_last_unit": last_unit,
    "revoked_under_load": revoked,
}  # fmt: skip
