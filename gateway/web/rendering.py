"""A handler's reply as the bytes and headers that leave."""

from collections.abc import AsyncIterator

import orjson
from aiohttp import web
from pydantic import BaseModel

from gateway.telemetry import get_logger
from gateway.web.files import Document, Stream, disposition
from gateway.web.routes import Reply, Route

_log = get_logger()


def render(reply: Reply, route: Route, request_id: str) -> web.Response:
    """The answer for a reply: nothing, a file, or JSON; never stored by caches, never guessed at by browsers."""
    headers = {
        "Request-Id": request_id,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **reply.headers,
    }
    if reply.value is None:
        return web.Response(status=204, headers=headers)
    if isinstance(reply.value, Document | Stream):
        return _file(reply.value, route, headers, reply.status)
    value = (
        reply.value.model_dump(mode="json", exclude_none=True)
        if isinstance(reply.value, BaseModel)
        else reply.value
    )
    return web.Response(
        body=orjson.dumps(value),
        status=reply.status or route.status,
        content_type="application/json",
        headers=headers,
    )


async def _watched(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces; a failure between two can be told to nobody but the log, and ends the connection."""
    try:
        async for piece in pieces:
            yield piece
    except Exception:
        _log.exception("answer.broke")
        raise


def _file(
    document: Document | Stream, route: Route, headers: dict[str, str], status: int | None
) -> web.Response:
    if document.media_type not in route.gives:
        raise ValueError(f"{route.operation_id} does not give {document.media_type}")
    if document.name is not None:
        headers["Content-Disposition"] = disposition(document.name)
    headers["Content-Type"] = document.media_type
    body = document.content if isinstance(document, Document) else _watched(document.pieces)
    if isinstance(document, Stream) and document.length is not None:
        headers["Content-Length"] = str(document.length)
    return web.Response(body=body, status=status or route.status, headers=headers)
