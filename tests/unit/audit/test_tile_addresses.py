"""Addresses of tiles, by the examples and rules of C2SP tlog-tiles."""

import pytest

from gateway.audit.tiles.addresses import TileAddress, address_of, read_address


@pytest.mark.parametrize(
    ("level", "place", "tile"),
    [
        ("0", "000", TileAddress(0, 0, 256)),
        ("0", "x001/x234/067", TileAddress(0, 1234067, 256)),
        ("1", "x001/000.p/255", TileAddress(1, 1000, 255)),
        ("3", "999.p/1", TileAddress(3, 999, 1)),
    ],
)
def test_a_tile_has_one_address(level: str, place: str, tile: TileAddress) -> None:
    assert read_address(level, place) == tile
    assert address_of(tile) == f"{level}/{place}"


@pytest.mark.parametrize(
    ("level", "place"),
    [
        ("00", "000"), ("8", "000"), ("-1", "000"), ("x", "000"), ("0", "0"), ("0", "00"), ("0", "0000"),
        ("0", "x000/001"), ("0", "001/002"), ("0", "x001"), ("0", "x001/x002"), ("0", "000.p/0"), ("0", "000.p/256"),
        ("0", "000.p/01"), ("0", "000.p/"), ("0", "000.p"), ("0", "000/"), ("0", "/000"), ("0", "١٢٣"), ("0", ""),
        ("0", "x001/x001/x001/x001/x001/x001/001"), ("0", "000.p/1/2"), ("0", "000%2Ep/1"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_no_tile(level: str, place: str) -> None:
    assert read_address(level, place) is None


@pytest.mark.parametrize(
    ("tile", "size"),
    [
        (TileAddress(0, 0, 1), 1), (TileAddress(0, 273, 112), 70_000), (TileAddress(1, 1, 17), 69_888),
        (TileAddress(2, 0, 1), 65_536),
    ],
)  # fmt: skip
def test_a_tile_needs_a_log_of_some_size(tile: TileAddress, size: int) -> None:
    assert tile.size == size
