"""Files in and out of a route: bytes with a media type, apart from JSON with limits of their own."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a caller sent it: its bytes, unread, and the media type it was sent under."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file as an answer: bytes, media type, and the name to store it under; without a name it is to be read in place.

    ``media_type`` is one of the route's ``gives``.
    """

    content: bytes
    media_type: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A file as an answer, piece by piece; what it needs was checked before the first one. ``length`` is known of one that is kept.

    If it fails on the way, the connection ends without the end of the file, which nobody can take for a whole one.
    """

    pieces: AsyncIterator[bytes]
    media_type: str
    name: str
    length: int | None = None


def disposition(name: str) -> str:
    """``Content-Disposition`` for a file to be stored under ``name`` (RFC 6266 sections 4.1, 4.3).

    The plain form is for readers that know no UTF-8: what it cannot hold becomes ``_``.
    """
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    encoded = quote(name, safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
