"""The world of the story: a temporary directory, the gateway, and the three departments' services, all running."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.cli.context import Installation, NotRunning
from gateway.demo.cast import DATA_CENTRE
from gateway.demo.departments.data_centre import LAYER, write_layer
from gateway.demo.departments.market import JOURNAL
from gateway.demo.departments.serving import READY
from gateway.demo.ending import Ending
from gateway.demo.processes import Part, PartNotStarted
from gateway.demo.seals import Seals, made_in

TOKEN_SECONDS: Final = 5
"""Life of a system's token during the story, the shortest there is: one of them has to expire in it."""

_SERVICES: Final = ("market", "civil_affairs", "data_centre")
FILES: Final = "files"
"""Of files given as they are, below the story's folder."""
_PORTS: Final = ("exchange", "control", "operations")
_SETTING: Final = {"operations": "METRICS"}
_REMOVE_SECONDS: Final = 60


@dataclass(slots=True)
class World:
    """Where everything is. ``addresses`` are the gateway's, ``sources`` those of the departments."""

    folder: Path
    ending: Ending
    gateway: Part
    departments: dict[str, Part]
    addresses: dict[str, Any]
    sources: dict[str, str]
    seals: Seals

    @property
    def installation(self) -> Installation:
        """The gateway's data directory, as ``./gw --data-dir`` sees it."""
        return Installation(self.folder / "gateway", None)

    @property
    def parts(self) -> list[Part]:
        """All processes, the gateway first."""
        return [self.gateway, *self.departments.values()]

    def journal(self) -> list[dict[str, Any]]:
        """What 市场监管局 noted of its answers, oldest first."""
        file = self.folder / "market" / JOURNAL
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def restart_gateway(self) -> None:
        """Stop the gateway and start it again with tokens of the ordinary length, at the same addresses if they are free."""
        at = {name: urlsplit(self.addresses[name]).port or 0 for name in _PORTS}
        try:
            self._start_gateway_again(at)
        except PartNotStarted:  # while it was down, somebody else may have been given one of its ports
            self._start_gateway_again(dict.fromkeys(_PORTS, 0))

    def _start_gateway_again(self, ports: dict[str, int]) -> None:
        self.gateway.stop()
        kept = {"GATEWAY__EXCHANGE__FILES_DIR": str(self.folder / FILES)}
        self.gateway.environment = _listening(ports) | kept | self.seals.environment
        self.gateway.start()
        self.addresses = self.gateway.wait_until(
            partial(_addresses, self.installation, self.gateway), self.ending
        )


@contextmanager
def running_world(ending: Ending) -> Iterator[World]:
    """Start everything; stop it and remove its files when the block ends, however it ends.

    Raises:
        PartNotStarted: a process did not come up.
        KeyboardInterrupt: told to end before all were up.
    """
    folder = Path(tempfile.mkdtemp(prefix="gw-demo-"))
    parts: dict[str, Part] = {}
    try:
        # Started by root, PostgreSQL runs as another account, which must be able to pass through to its data.
        folder.chmod(0o711)
        seals = made_in(folder / "seals")
        _put_file_there(folder)
        parts |= {name: _part(name, folder, seals) for name in ("gateway", *_SERVICES)}
        for part in parts.values():
            part.start()
        yield _all_up(folder, parts, ending, seals)
    finally:
        for part in parts.values():
            part.tell_to_end()
        for part in parts.values():
            part.stop()
        _remove(folder)


def _put_file_there(folder: Path) -> None:
    """The data centre's map layer, in its own folder of the gateway's files."""
    own = folder / FILES / DATA_CENTRE.code
    own.mkdir(parents=True)
    write_layer(own / LAYER)


def _remove(folder: Path) -> None:
    """A database server whose gateway was ended in the middle of its start may write for a moment longer."""
    give_up = time.monotonic() + _REMOVE_SECONDS
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=time.monotonic() < give_up)


def _all_up(folder: Path, parts: dict[str, Part], ending: Ending, seals: Seals) -> World:
    departments = {name: part for name, part in parts.items() if name != "gateway"}
    world = World(folder, ending, parts["gateway"], departments, {}, {}, seals)
    for name, part in departments.items():
        world.sources[name] = part.wait_until(partial(_source, part), ending)
    world.addresses = world.gateway.wait_until(partial(_addresses, world.installation, world.gateway), ending)
    return world


def _part(name: str, folder: Path, seals: Seals) -> Part:
    place = folder / name
    place.mkdir()
    place.chmod(0o711)
    if name == "gateway":
        up = ("gateway", "up", "--data-dir", str(place), "--json")
        short = {
            "GATEWAY__IDENTITY__TOKEN_SECONDS": str(TOKEN_SECONDS),
            "GATEWAY__IDENTITY__CLOCK_SKEW_SECONDS": "0",
        }
        kept = {"GATEWAY__EXCHANGE__FILES_DIR": str(folder / FILES)}
        listening = _listening(dict.fromkeys(_PORTS, 0))
        return Part(name, up, folder, folder / "gateway.log", listening | short | kept | seals.environment)
    return Part(name, (f"gateway.demo.departments.{name}", str(place)), place, place / "log")


def _listening(ports: dict[str, int]) -> dict[str, str]:
    return {
        f"GATEWAY__LISTEN__{_SETTING.get(name, name.upper())}_PORT": str(port) for name, port in ports.items()
    }


def _source(part: Part) -> str | None:
    try:
        facts = json.loads((part.folder / READY).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return str(facts.get("url") or facts["dsn"])


def _addresses(where: Installation, gateway: Part) -> dict[str, Any] | None:
    try:
        found = where.addresses()
    except NotRunning:
        return None
    return found if found["pid"] == gateway.pid else None
