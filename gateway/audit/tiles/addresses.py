"""Addresses of tiles (C2SP tlog-tiles): ``x001/x234/067`` is tile 1234067, ``067.p/12`` the first twelve hashes of tile 67."""

import re
from typing import Final, NamedTuple

from gateway.audit.tiles.model import TILE_WIDTH

LEVEL_MAX: Final = 7
_LEVEL: Final = re.compile(r"[0-7]")
_PLACE: Final = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class TileAddress(NamedTuple):
    """A tile, or with ``width`` under 256 the beginning of one; ``level`` 0 holds leaf hashes."""

    level: int
    n: int
    width: int

    @property
    def size(self) -> int:
        """How many records the log must hold for these hashes to be known."""
        return (self.n * TILE_WIDTH + self.width) << (8 * self.level)


def read_address(level: str, place: str) -> TileAddress | None:
    """The tile at an address; None where no tile can be: another form, leading zeros, a level or width that is none."""
    found = _PLACE.fullmatch(place)
    if not _LEVEL.fullmatch(level) or found is None:
        return None
    number = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2]) if found[2] else TILE_WIDTH
    address = TileAddress(int(level), number, width)
    written = found[2] is None or width < TILE_WIDTH
    return address if written and address_of(address) == f"{level}/{place}" else None


def address_of(tile: TileAddress) -> str:
    """Level and place as they stand in an address."""
    groups, rest = [f"{tile.n % 1000:03}"], tile.n // 1000
    while rest:
        groups.append(f"x{rest % 1000:03}")
        rest //= 1000
    partial = f".p/{tile.width}" if tile.width < TILE_WIDTH else ""
    return f"{tile.level}/{'/'.join(reversed(groups))}{partial}"
