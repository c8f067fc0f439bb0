"""Ranges of a file (RFC 9110 section 14): one range of bytes, and only of the very file the caller began with; files in pieces."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from multidict import MultiMapping

from gateway.errors import Malformed

_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})?-([0-9]{1,18})?")


class RangeOutside(Malformed):
    """The file has no such range（请求的字节范围超出文件）."""

    status = 416
    remedy = ("Ask for a range within the size in Content-Range.", "请按 Content-Range 所示大小请求范围。")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from ``start`` up to, not including, ``end``; ``is_part`` where a range was asked for."""

    start: int
    end: int
    is_part: bool

    def headers(self, tag: str, size: int) -> dict[str, str]:
        """What an answer with these bytes of a file says of them."""
        said = {"Accept-Ranges": "bytes", "ETag": tag}
        if self.is_part:
            said["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{size}"
        return said


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file that is kept in pieces, without its content: its number, where it begins, its length in bytes."""

    number: int
    start: int
    length: int


def parts_in(pieces: Iterable[Piece], span: Span) -> Iterator[tuple[int, slice]]:
    """Of the pieces in which a range lies the number, and which bytes of each belong to it."""
    for piece in pieces:
        if piece.start < span.end and piece.start + piece.length > span.start:
            yield piece.number, slice(max(span.start - piece.start, 0), span.end - piece.start)


def wanted_span(headers: MultiMapping[str], tag: str, size: int) -> Span:
    """The bytes a request asks for; all of them where ``If-Range`` names another file (section 13.1.5), or other units are meant.

    Raises:
        Malformed: no single range of bytes. RangeOutside.
    """
    asked = headers.getall("Range", [])
    whole = Span(0, size, is_part=False)
    if not asked or not asked[0].strip().startswith("bytes=") or headers.get("If-Range", tag) != tag:
        return whole
    found = _RANGE.fullmatch(asked[0].strip()) if len(asked) == 1 else None
    if found is None or found.group(0) == "bytes=-":
        raise Malformed("Range must be one range of bytes, as in bytes=1048576-", "Range 仅支持单个字节范围")
    first, last = found[1], found[2]
    if first is None:
        span = Span(max(0, size - int(last)), size, is_part=True)
    else:
        span = Span(int(first), min(size, int(last) + 1 if last is not None else size), is_part=True)
    if span.start >= span.end:
        outside = RangeOutside(f"the file has {size} bytes", f"文件共 {size} 字节")
        outside.headers["Content-Range"] = f"bytes */{size}"
        raise outside
    return span
