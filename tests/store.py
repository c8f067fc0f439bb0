"""An S3-compatible store with one bucket, which checks every signature as the S3 API reference describes it."""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

KEY, SECRET, REGION, BUCKET = "READER000000000000", "canary/secret+key", "cn-test-1", "market"
_CREDENTIALS = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([^/]+)/s3/aws4_request,"
    r"SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})"
)


@dataclass
class Store:
    """Its objects by key, and the requests it answered: method and range."""

    base: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if not _is_signed(request):
            return web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
        bucket, _, key = request.path.removeprefix("/").partition("/")
        if bucket != BUCKET or key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        whole = self.objects[key]
        tag = f'"{hashlib.md5(whole, usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-Match", tag) != tag:
            return web.Response(status=412, text="<Error><Code>PreconditionFailed</Code></Error>")
        self.asked.append((request.method, request.headers.get("Range", "")))
        headers = {"ETag": tag, "Accept-Ranges": "bytes"}
        if "Range" not in request.headers:
            return web.Response(body=whole, headers=headers)
        first, last = map(int, request.headers["Range"].removeprefix("bytes=").split("-"))
        headers["Content-Range"] = f"bytes {first}-{last}/{len(whole)}"
        return web.Response(status=206, body=whole[first : last + 1], headers=headers)


def _is_signed(request: web.Request) -> bool:
    found = _CREDENTIALS.fullmatch(request.headers.get("Authorization", ""))
    if found is None or (found[1], found[3]) != (KEY, REGION):
        return False
    names = found[4].split(";")
    if {"host", "x-amz-date", "x-amz-content-sha256"} - set(names) or ("Range" in request.headers) != (
        "range" in names
    ):
        return False
    stamp, body = request.headers["x-amz-date"], request.headers["x-amz-content-sha256"]
    lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    canonical = f"{request.method}\n{request.raw_path}\n\n{lines}\n{found[4]}\n{body}"
    scope = f"{found[2]}/{REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return stamp.startswith(found[2]) and hmac.compare_digest(key.hex(), found[5])


@asynccontextmanager
async def object_store() -> AsyncIterator[Store]:
    """The store on a free port."""
    store = Store()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", store.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    store.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield store
    finally:
        await runner.cleanup()
