"""Addresses of the log's hashes (C2SP tlog-tiles), open to everybody: witnesses, monitors, whoever holds a receipt."""

from functools import partial
from typing import Final

from gateway.audit.errors import NoSuchTile, NothingSigned, NotSignedThatFar, TilesMissing
from gateway.audit.tiles.addresses import read_address
from gateway.audit.tiles.service import LogTiles
from gateway.audit.tiles.wire import GrowthQuery, GrowthShown, growth_shown
from gateway.web import ANYONE, Ask, Document, Reply, Route

_NOTE: Final = "text/plain; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_A_MOMENT: Final = {"Cache-Control": "public, max-age=1"}


async def show_log_checkpoint(room: LogTiles, _ask: Ask[None]) -> Reply:
    return Reply(Document(await room.checkpoint(), _NOTE), _FOR_A_MOMENT)


async def show_log_tile(room: LogTiles, ask: Ask[None]) -> Reply:
    wanted = read_address(ask.path["level"], ask.path["place"])
    if wanted is None:
        raise NoSuchTile("no tile has this address", "没有该地址的哈希块")
    return Reply(Document(await room.tile(wanted), _BYTES), _FOR_EVER)


async def show_log_consistency(room: LogTiles, ask: Ask[GrowthQuery]) -> Reply:
    return Reply(growth_shown(await room.grown(ask.given.earlier, ask.given.later)))


_route = partial(Route, tag="audit")
ROUTES: Final = [
    _route("GET", "/v1/audit/log/checkpoint", show_log_checkpoint, ANYONE, "The newest signed checkpoint (tlog-tiles)",
           "审计日志检查点（tlog-tiles）", gives=(_NOTE,), problems=(NothingSigned,)),
    _route("GET", "/v1/audit/log/tile/{level}/{place}", show_log_tile, ANYONE, "A tile of the log's hashes (tlog-tiles)",
           "审计日志哈希块（tlog-tiles）", gives=(_BYTES,), deep=True, problems=(NoSuchTile, NothingSigned, TilesMissing)),
    _route("GET", "/v1/audit/consistency", show_log_consistency, ANYONE, "That the log only grew between two sizes",
           "两个大小之间仅有追加的证明", given=GrowthQuery, returns=GrowthShown,
           problems=(NotSignedThatFar, NothingSigned, TilesMissing)),
]  # fmt: skip
