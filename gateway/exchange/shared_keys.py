"""Keys that a department shares with the gateway, for assertions by HMAC instead of a signature: cheaper, and bound to each call.

A folder holds ``<department's code>.key`` for each department that chose so: the base64 of 32 random bytes or more, mode 0600. Changed
files count within two seconds; what cannot be read then is reported, and the former keys stay in use.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from gateway.errors import BadSettings
from gateway.telemetry import get_logger

_log = get_logger()
_LOOK_SECONDS: Final = 2.0
_KEY_BYTES_MIN: Final = 32
_KID_LENGTH: Final = 16


class SharedKey:
    """Signs with HS256 (RFC 7518 section 3.2). ``kid`` follows from the key and does not tell it."""

    def __init__(self, key: bytes, kind: str) -> None:
        self._key = key
        self.kid = _text(hashlib.sha256(b"kid " + key).digest())[:_KID_LENGTH]
        self._head = _text(orjson.dumps({"alg": "HS256", "kid": self.kid, "typ": kind}))

    def signed(self, claims: dict[str, object]) -> str:
        """A JWT of these claims (RFC 7519, compact)."""
        said = f"{self._head}.{_text(orjson.dumps(claims))}"
        return f"{said}.{_text(hmac.digest(self._key, said.encode('ascii'), 'sha256'))}"


class SharedKeys:
    """The keys by department; none without a folder.

    Args:
        kind: the ``typ`` of what they sign.
        seconds: a clock that only runs forward.

    Raises:
        BadSettings: the folder or a key in it cannot be used.
    """

    def __init__(self, folder: Path | None, kind: str, seconds: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._kind = kind
        self._seconds = seconds
        self._looked = seconds()
        self._keys: dict[str, SharedKey] = _read(folder, kind) if folder else {}

    def of(self, org: str) -> SharedKey | None:
        """The key shared with a department, if it chose so."""
        if self._folder is None:
            return None
        if self._seconds() - self._looked >= _LOOK_SECONDS:
            self._looked = self._seconds()
            try:
                self._keys = _read(self._folder, self._kind)
            except BadSettings as fault:
                _log.error("assertion_keys.not_read", why=fault.detail)
        return self._keys.get(org)


def _read(folder: Path, kind: str) -> dict[str, SharedKey]:
    try:
        return {
            file.stem: SharedKey(_key(file), kind)
            for file in sorted(folder.iterdir())
            if file.suffix == ".key"
        }
    except OSError as fault:
        raise _unusable(folder, str(fault)) from None


def _key(file: Path) -> bytes:
    if file.stat().st_mode & 0o077:
        raise _unusable(file, "others may read it; chmod 0600")
    try:
        key = base64.b64decode(file.read_text("ascii").strip(), validate=True)
    except (ValueError, binascii.Error):
        raise _unusable(file, "not base64") from None
    if len(key) < _KEY_BYTES_MIN:
        raise _unusable(file, f"a key has {_KEY_BYTES_MIN} bytes at least")
    return key


def _unusable(path: Path, why: str) -> BadSettings:
    return BadSettings(
        f"[exchange] assertion_keys_dir: {path}: {why}",
        f"[exchange] assertion_keys_dir：{path} 不可用：{why}",
    )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
