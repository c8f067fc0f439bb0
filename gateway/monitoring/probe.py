"""Probing a source: nothing that is sent or read holds data of anybody.

接口: HEAD of the mount's ``probe`` address, else of the service's own where it takes no parameters, else of the root
of its host, where any answer below 500 shows life. 库表: the described columns of no row, and the newest value of the
column that ``updated`` names. 文件: HEAD; of a store its address;
of a folder nothing, because it lies where calls are answered.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from gateway.catalog import (
    BucketMount,
    Catalog,
    FileMount,
    FolderMount,
    HttpMount,
    Resource,
    State,
    TableMount,
)
from gateway.errors import GatewayError
from gateway.monitoring.model import REASONS, Finding, Side
from gateway.settings import Monitoring
from gateway.storage.foreign import ForeignAddress, ForeignFault, Selection
from gateway.storage.foreign_mysql import AnyForeign, foreign_database
from gateway.telemetry import get_logger
from gateway.web.egress import Egress
from gateway.web.probing import Answered, Probing, Unanswered

_log = get_logger()
_HEADERS: Final = {"Accept-Encoding": "identity", "Gateway-Probe": "1"}
_NO_HEAD: Final = frozenset({405, 501})
_GONE: Final = frozenset({404, 410})
_DOUBTFUL: Final = frozenset({"timeout", "unreachable"})
_RETRY_SECONDS: Final = 0.5


class Prober:
    """Asks sources. ``probing`` is the session, ``catalog`` opens the addresses of tables."""

    def __init__(self, probing: Probing, egress: Egress, catalog: Catalog, settings: Monitoring) -> None:
        self._probing = probing
        self._egress = egress
        self._catalog = catalog
        self._settings = settings

    async def ask(self, resource: Resource) -> Finding:
        """What the source says; a failure is asked about twice, so that one lost packet is no alarm.

        Of a resource that is no longer published nothing is asked.
        """
        if resource.state is not State.PUBLISHED:
            return Finding()
        finding = await self._once(resource)
        if finding.reason and REASONS[finding.reason].side is Side.PROVIDER:
            await asyncio.sleep(_RETRY_SECONDS)
            finding = await self._once(resource)
        if finding.reason in _DOUBTFUL and not await self._way_is_open():
            return Finding("reference", finding.detail)
        return finding

    async def _once(self, resource: Resource) -> Finding:
        try:
            match resource.mount:
                case HttpMount() as mount:
                    return await self._service(mount)
                case FileMount() as mount:
                    return await self._address(mount.url, speaks_for_data=True)
                case TableMount() as mount:
                    return await self._table(resource, mount)
                case BucketMount() as mount:
                    return await self._address(f"{mount.endpoint}/", speaks_for_data=False)
                case FolderMount():
                    return Finding()
        except Unanswered as silence:
            return Finding(str(silence))
        except GatewayError:
            return Finding("secret")
        except Exception:
            _log.exception("monitoring.probe.broke", resource=str(resource.id))
        return Finding("broke")

    async def _service(self, mount: HttpMount) -> Finding:
        if mount.probe is not None:
            return await self._address(mount.probe, speaks_for_data=True)
        if not mount.places():
            return await self._address(mount.url, speaks_for_data=True)
        parts = urlsplit(mount.url)
        return await self._address(f"{parts.scheme}://{parts.netloc}/", speaks_for_data=False)

    async def _address(self, url: str, *, speaks_for_data: bool) -> Finding:
        """``speaks_for_data``: the address stands for the data, so its failure and its date count."""
        answered = await self._probing.head(url, _HEADERS)
        status = answered.status
        if status >= 500 and status not in _NO_HEAD:
            return Finding("status", str(status), answered.seconds)
        if speaks_for_data and status >= 400 and status not in _NO_HEAD:
            return Finding("gone" if status in _GONE else "status", str(status), answered.seconds)
        return Finding("", "", answered.seconds, _refreshed(answered) if speaks_for_data else None)

    async def _table(self, resource: Resource, mount: TableMount) -> Finding:
        address = ForeignAddress.of(self._catalog.address_of(resource))
        await self._probing.connect(address.host, address.port)
        ip = await self._egress.resolve(address.host, address.port)
        database = foreign_database(address, ip, self._settings.timeout_seconds)
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await _ask_table(database, resource, mount)
        except TimeoutError:
            return Finding("timeout")
        except ForeignFault as fault:
            return Finding(
                {"timeout": "timeout", "unreachable": "login"}.get(str(fault), "relation"), mount.relation
            )
        finally:
            await database.close()

    async def _way_is_open(self) -> bool:
        """Whether the reference address of the network answers; without one the provider is believed to be at fault."""
        if not self._settings.reference_address:
            return True
        host, _, port = self._settings.reference_address.rpartition(":")
        try:
            await self._probing.connect(host.strip("[]"), int(port))
        except Unanswered as silence:
            return str(silence) == "refused"
        return True


async def _ask_table(database: AnyForeign, resource: Resource, mount: TableMount) -> Finding:
    """Raises ForeignFault, TimeoutError."""
    began = time.perf_counter()
    named = [mount.sources.get(item.name, item.name) for item in resource.description.items]
    wanted = list(
        dict.fromkeys([*named, *mount.filters.values(), *([mount.updated] if mount.updated else [])])
    )
    there = await database.columns(mount.schema_name, mount.relation)
    if missing := [name for name in wanted if name not in there]:
        return Finding("columns" if there else "relation", ", ".join(missing) if there else mount.relation)
    await database.read(Selection(mount.schema_name, mount.relation, tuple(wanted), (), 0), [])
    seconds = time.perf_counter() - began
    newest = (
        await database.newest(mount.schema_name, mount.relation, mount.updated) if mount.updated else None
    )
    return Finding("", "", seconds, newest)


def _refreshed(answered: Answered) -> datetime | None:
    return answered.last_modified and answered.last_modified.astimezone(UTC)
