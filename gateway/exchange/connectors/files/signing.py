"""AWS Signature Version 4 in the ``Authorization`` header, for requests without a body.

As described in the Amazon S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in
a Single Chunk"; every S3-compatible store takes it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_NAME: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key for one region; the secret never appears in texts."""

    id: str
    secret: str = field(repr=False)
    region: str = "us-east-1"


def signed(
    method: str, host: str, path: str, headers: Mapping[str, str], key: Key, now: datetime
) -> dict[str, str]:
    """The headers to send, ``Host`` apart.

    Args:
        host: as the ``Host`` header will say, with the port where it says one.
        path: percent-encoded as it will be sent; there is no query.
        headers: further ones, signed as well.
    """
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-content-sha256": _NOTHING, "x-amz-date": at}
    lines = sorted((name.lower(), value.strip()) for name, value in {**sent, "Host": host}.items())
    names = ";".join(name for name, _ in lines)
    request = "\n".join(
        [method, path, "", *(f"{name}:{value}" for name, value in lines), "", names, _NOTHING]
    )
    scope = f"{at[:8]}/{key.region}/s3/aws4_request"
    text = "\n".join([_NAME, at, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(_derived(key, at[:8]), text.encode(), hashlib.sha256).hexdigest()
    credential = f"{_NAME} Credential={key.id}/{scope}"
    return {**sent, "Authorization": f"{credential},SignedHeaders={names},Signature={signature}"}


def _derived(key: Key, day: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (day, key.region, "s3", "aws4_request"):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return made
