"""A file in an S3-compatible store, asked with signed requests (AWS Signature Version 4), each range by itself.

Every range names the entity tag of the object that was opened (``If-Match``), so that parts of two objects are never mixed.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Self
from urllib.parse import quote, urlsplit

from gateway.catalog import BucketMount
from gateway.exchange.connectors.files.signing import Key, signed
from gateway.exchange.connectors.files.source import FileNotThere, changed
from gateway.web.fetching import Fetched, Fetching
from gateway.web.outbound import UpstreamInvalid, UpstreamStatus

_OK: Final = 200
_PART: Final = 206
_GONE: Final = 404
_OTHER: Final = 412


class BucketFile:
    """An object as it was when it was opened."""

    def __init__(self, ask: "Asking", size: int, tag: str) -> None:
        self._ask = ask
        self._size = size
        self._tag = tag

    @classmethod
    async def open(
        cls, fetching: Fetching, mount: BucketMount, secret: str, path: str, now: Callable[[], datetime]
    ) -> Self:
        """Ask for size and entity tag of ``path`` in the mount's bucket.

        Raises:
            FileNotThere; Upstream in one of its kinds.
        """
        ask = Asking(fetching, mount, secret, path, now)
        found = await ask("HEAD", {}, 0)
        if found.status == _GONE:
            raise FileNotThere("there is no such file", "没有该文件")
        if found.status != _OK:
            raise UpstreamStatus(f"the store answers {found.status}", f"对象存储返回 {found.status}")
        size, tag = found.headers.get("Content-Length", ""), found.headers.get("ETag", "")
        if not size.isdecimal() or not tag:
            raise UpstreamInvalid("the store tells no size or entity tag", "对象存储未返回大小或 ETag")
        return cls(ask, int(size), tag)

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    @property
    def identity(self) -> str:
        """Where it is, and its entity tag."""
        return f"{self._ask.url} {self._size} {self._tag}"

    async def read(self, start: int, length: int) -> bytes:
        """Exactly these bytes. Raises Upstream: also if the object is another one by now."""
        headers = {"Range": f"bytes={start}-{start + length - 1}", "If-Match": self._tag}
        found = await self._ask("GET", headers, length)
        if found.status in (_OTHER, _GONE):
            raise changed()
        whole = found.status == _OK and start == 0 and length == self._size
        if found.status != _PART and not whole:
            raise UpstreamStatus(f"the store answers {found.status}", f"对象存储返回 {found.status}")
        if len(found.body) != length or found.headers.get("ETag") != self._tag:
            raise changed()
        return found.body

    async def close(self) -> None:
        """Nothing is held between ranges."""


class Asking:
    """Signed requests for one object."""

    def __init__(
        self, fetching: Fetching, mount: BucketMount, secret: str, path: str, now: Callable[[], datetime]
    ) -> None:
        self.url = f"{mount.endpoint}/{mount.bucket}/{quote(path, safe='/~')}"
        self._fetching = fetching
        self._key = Key(mount.access_key, secret, mount.region)
        self._now = now

    async def __call__(self, method: str, headers: Mapping[str, str], largest: int) -> Fetched:
        parts = urlsplit(self.url)
        sent = signed(method, parts.netloc, parts.path, headers, self._key, self._now())
        return await self._fetching.ask(method, self.url, sent, largest)
