"""Zones and their database logins.

Each zone connects under a login of its own that is member of one power and owns nothing, so a fault in one part
of the gateway cannot reach further than that part's powers. Passwords are derived from the installation's
master key: every host that holds the key can connect, and nothing is stored.
"""

import base64
import hashlib
import hmac
import os
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit, urlunsplit


class Zone(StrEnum):
    """A part of the gateway with its own login; the value names the power ``gx_<zone>`` it is member of."""

    CONTROL = "control"
    EXCHANGE = "exchange"
    INTEGRATOR = "integrator"
    READER = "reader"
    RETENTION = "retention"


def login_of(zone: Zone, prefix: str) -> str:
    """The login name of a zone, e.g. ``gateway_exchange``."""
    return f"{prefix}_{zone}"


def password_of(login: str, master_key: bytes) -> str:
    """The login's password: HMAC-SHA-256 under the master key, 64 hexadecimal digits."""
    return hmac.new(master_key, b"database login " + login.encode(), "sha256").hexdigest()


def scram_verifier(password: str) -> str:
    """What the server stores for a password (RFC 5802 section 3): statements then never carry the password."""
    salt, rounds = os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    texts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${rounds}:{texts[0]}${texts[1]}:{texts[2]}"


def check_value(master_key: bytes) -> bytes:
    """What shows whether a master key is the one a database was set up with, without giving it away (32 bytes)."""
    return hmac.digest(master_key, b"installation", "sha256")


def database_of(dsn: str) -> str:
    """The database a DSN names; the default prefix of the zones' logins."""
    return unquote(urlsplit(dsn).path.lstrip("/")) or "gateway"


def zone_dsn(owner_dsn: str, zone: Zone, prefix: str, master_key: bytes) -> str:
    """The owner's DSN with the zone's login and password in place of the owner's."""
    parts = urlsplit(owner_dsn)
    login = login_of(zone, prefix)
    _, _, address = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{quote(login)}:{password_of(login, master_key)}@{address}"))
