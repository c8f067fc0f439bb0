"""The authority every gateway of the tests recognises for systems, made once per process: P-256, lists only, by name."""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from certifying import Pki, new_pki, write_authority

DAY = timedelta(days=1)


def now() -> datetime:
    """The present, in whole seconds as certificates have it."""
    return datetime.now(UTC).replace(microsecond=0)


@cache
def recognised() -> Pki:
    """``world``: recognised for clients by :func:`authorities`; binds by issuer and subject."""
    return new_pki("p256", "测试根", start=now() - 400 * DAY, end=now() + 400 * DAY)


@cache
def strict() -> Pki:
    """``strict``: RSA and its own policy: lists or answers, and a system is bound to its one certificate."""
    return new_pki("rsa", "严格根", start=now() - 400 * DAY, end=now() + 400 * DAY)


@cache
def authorities() -> Path:
    """The folder with their descriptions."""
    folder = Path(tempfile.mkdtemp(prefix="gxca"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_authority(folder, "world", recognised(), algorithms=["ECDSA"], sources=["crl"], binding="subject")
    write_authority(folder, "strict", strict(), algorithms=["RSA", "ECDSA", "SM2"])
    return folder
