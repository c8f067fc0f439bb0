"""Signatures of upper platforms' gateways, as their public clients write them. Pure.

None covers method, path, query or body, and only some carry a nonce: whoever sees a request can send another one with
its headers while the clock allows. They are spoken because the platforms speak them, inside the government network,
over TLS; the gateway asks for nothing of the kind from its own callers.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a platform: the id it gave us, and a secret that never appears in texts."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """Headers to send, and parameters for the query where a style wants them there."""

    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


Signer = Callable[[Credentials, str, datetime, str], Signed]
"""Credentials, service code, instant, nonce → what to send."""


def _hmac(secret: str, text: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def gjgxjhpt(who: Credentials, service: str, at: datetime, _nonce: str) -> Signed:
    """国家共享交换平台: Base64 HMAC-SHA256 over service code, requester id and milliseconds."""
    when = _milliseconds(at)
    return Signed(
        {
            "gjgxjhpt_rid": who.id,
            "gjgxjhpt_sid": service,
            "gjgxjhpt_rtime": when,
            "gjgxjhpt_sign": _hmac(who.secret, service + who.id + when),
        }
    )


def henan(who: Credentials, _service: str, at: datetime, _nonce: str) -> Signed:
    """河南: Base64 HMAC-SHA256 over id and milliseconds."""
    when = _milliseconds(at)
    return Signed(
        {"gateway_appid": who.id, "gateway_rtime": when, "gateway_sig": _hmac(who.secret, who.id + when)}
    )


def shandong(who: Credentials, _service: str, at: datetime, nonce: str) -> Signed:
    """山东: Base64 HMAC-SHA256 over id, milliseconds and nonce; good for ten minutes."""
    when = _milliseconds(at)
    return Signed(
        {
            "X-Client-Id": who.id,
            "X-Timestamp": when,
            "X-Nonce": nonce,
            "X-Signature": _hmac(who.secret, who.id + when + nonce),
        }
    )


def zhejiang(who: Credentials, _service: str, at: datetime, _nonce: str) -> Signed:
    """浙江: lower-case MD5 over key, request secret and milliseconds, as parameters."""
    when = _milliseconds(at)
    digest = hashlib.md5((who.id + who.secret + when).encode()).hexdigest()  # the platform's choice
    return Signed(parameters={"appKey": who.id, "requestTime": when, "sign": digest})


def tif(who: Credentials, service: str, at: datetime, nonce: str) -> Signed:
    """TIF (广东, 医保): hexadecimal SHA-256 over seconds, token, nonce, seconds."""
    when = str(int(at.timestamp()))
    digest = hashlib.sha256((when + who.secret + nonce + when).encode()).hexdigest()
    named = {"x-tif-serviceId": service} if service else {}
    return Signed(
        {"x-tif-paasid": who.id, "x-tif-timestamp": when, "x-tif-nonce": nonce, "x-tif-signature": digest}
        | named
    )


def district(who: Credentials, _service: str, at: datetime, _nonce: str) -> Signed:
    """A district's gateway: hexadecimal SHA-1 over key, secret and milliseconds, as parameters."""
    when = _milliseconds(at)
    digest = hashlib.sha1((who.id + who.secret + when).encode()).hexdigest()  # the platform's choice
    return Signed(parameters={"appKey": who.id, "timestamp": when, "signature": digest})


SIGNERS: Final[dict[str, Signer]] = {
    "gjgxjhpt": gjgxjhpt,
    "henan": henan,
    "shandong": shandong,
    "zhejiang": zhejiang,
    "tif": tif,
    "district": district,
}
"""Each style by the word a platform's file uses."""
