"""Making the room for the roof: the key first, because nothing can be sealed without one."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

from gateway.attestation.keys import SealKeys
from gateway.attestation.model import Issuer
from gateway.attestation.service import Attestation
from gateway.audit import AuditLog, AuditReader
from gateway.authz import Applications
from gateway.seals import Vault
from gateway.settings import Settings
from gateway.storage import Database


async def make(
    control: Database,
    log: AuditLog,
    reader: AuditReader,
    applications: Applications,
    settings: Settings,
    master_key: bytes,
    issuer: str,
    now: Callable[[], datetime],
    stack: AsyncExitStack,
) -> Attestation:
    """The room, with its key ready; a device is let go of with the stack.

    Raises:
        Sm2Unavailable, DeviceUnusable, BadSettings: the key that the settings name cannot be used.
    """
    keys = SealKeys(control, log, Vault(master_key, "seal keys"), settings.attestation)
    stack.callback(keys.close)
    await keys.ready()
    place = settings.platform
    named = Issuer(issuer, place.org_code, place.org_name)
    return Attestation(control, log, reader, applications, keys, named, now)
