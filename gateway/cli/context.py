"""The installation a command works on: its data directory, settings, master key and database.

Apart from the commands, because nearly all of them need to find the same things in the same way.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from gateway.errors import BadSettings, Unavailable
from gateway.seals import read_master_key
from gateway.settings import Settings, load
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.embedded import EmbeddedPostgres, dsn_of_running
from gateway.storage.zones import database_of

_KEY: Final = "gateway.cli.installation"
_F = TypeVar("_F", bound=Callable[..., Any])


class NotRunning(Unavailable):
    """No gateway runs on this data directory（该数据目录没有正在运行的网关）."""

    remedy = (
        "Start it with ./gw up, or name its directory with --data-dir, or set GATEWAY__STORAGE__DSN.",
        "请先运行 ./gw up，或用 --data-dir 指明目录，或设置 GATEWAY__STORAGE__DSN。",
    )


@dataclass(frozen=True)
class Installation:
    """A data directory with the settings that apply to it."""

    data_dir: Path
    config_file: Path | None

    @cached_property
    def settings(self) -> Settings:
        """File, environment, defaults; master key and signed head lie in the data directory unless said otherwise."""
        read, places = load(self.config_file), dict[str, dict[str, Path]]()
        if read.secrets.master_key_file is None:
            places["secrets"] = {"master_key_file": self.data_dir / "master.key"}
        own = {"signed_head_file": self.data_dir / "audit-head", "archive_dir": self.data_dir / "archives"}
        if lacking := {name: path for name, path in own.items() if getattr(read.audit, name) is None}:
            places["audit"] = lacking
        return load(self.config_file, **places) if places else read

    @property
    def postgres_dir(self) -> Path:
        """Where the embedded PostgreSQL lies."""
        return self.data_dir / "postgres"

    @property
    def run_file(self) -> Path:
        """Where a running gateway says its addresses."""
        return self.data_dir / "gateway.json"

    def master_key(self) -> bytes:
        """Raises BadSettings: no readable key file."""
        return read_master_key(self.settings.secrets.master_key_file)

    def owner_dsn(self) -> str:
        """The database's address: from the settings, else of the embedded server running here.

        Raises:
            NotRunning: neither.
        """
        dsn = self.settings.storage.dsn or dsn_of_running(self.postgres_dir)
        if dsn is None:
            raise NotRunning(f"nothing runs on {self.data_dir}", f"{self.data_dir} 上没有正在运行的网关")
        return dsn

    def zone_dsn(self, zone: Zone) -> str:
        """The database's address for a zone."""
        owner = self.owner_dsn()
        prefix = self.settings.storage.login_prefix or database_of(owner)
        return zone_dsn(owner, zone, prefix, self.master_key())

    def issuer(self) -> str:
        """The issuer name of the gateway of this installation.

        Raises:
            NotRunning: it follows from the listener's address and none is listening.
        """
        if self.settings.platform.base_url:
            return self.settings.platform.base_url
        return str(self.addresses()["issuer"])

    def addresses(self) -> dict[str, Any]:
        """What the running gateway wrote of itself.

        Raises:
            NotRunning: it did not, or its process is gone.
        """
        try:
            found: dict[str, Any] = json.loads(self.run_file.read_text("utf-8"))
            os.kill(int(found["pid"]), 0)
        except PermissionError:
            return found  # it runs under another account
        except (OSError, ValueError, KeyError):
            raise NotRunning(
                f"nothing runs on {self.data_dir}", f"{self.data_dir} 上没有正在运行的网关"
            ) from None
        return found


def default_data_dir() -> Path:
    """``GATEWAY_DATA_DIR``; else /var/lib for root, the XDG data directory for others."""
    if given := os.environ.get("GATEWAY_DATA_DIR"):
        return Path(given)
    if os.getuid() == 0:
        return Path("/var/lib/data-sharing-gateway")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "data-sharing-gateway"


def installation_options(function: _F) -> _F:
    """Give a command ``--data-dir`` and ``--config``; :func:`installation` reads them."""
    decorated = click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        expose_value=False,
        callback=_keep,
        help="Where the gateway keeps its data (GATEWAY_DATA_DIR).  [default: /var/lib or ~/.local/share]",
    )(function)
    return click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        expose_value=False,
        callback=_keep,
        help="Settings file, TOML (GATEWAY_CONFIG).",
    )(decorated)


def installation(ctx: click.Context) -> Installation:
    """The installation named by the command's options and the environment."""
    kept = ctx.meta.get(_KEY, {})
    config = kept.get("config") or os.environ.get("GATEWAY_CONFIG")
    if config is not None and not Path(config).is_file():
        raise BadSettings(f"the settings file {config} does not exist", f"配置文件 {config} 不存在")
    data_dir = kept.get("data_dir") or default_data_dir()
    return Installation(Path(data_dir).absolute(), Path(config) if config else None)


async def open_zone(ctx: click.Context, zone: Zone) -> Database:
    """A pool of the installation's database under a zone's login.

    Raises:
        NotRunning, DatabaseDown, BadSettings.
    """
    where = installation(ctx)
    return await Database.open(where.zone_dsn(zone), where.settings.storage, size=2)


def _keep(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    ctx.meta.setdefault(_KEY, {})[str(parameter.name)] = value


@contextmanager
def database(where: Installation) -> Iterator[str]:
    """The owner's DSN; the embedded server runs as long as the block where no DSN is set."""
    if where.settings.storage.dsn:
        yield where.settings.storage.dsn
        return
    with EmbeddedPostgres(where.postgres_dir) as server:
        yield server.dsn()
