"""What ``./gw doctor`` says of one thing, and the checks of this machine: files, ports, calendars, rules.

Apart from the command, so that it only prints; the software and the database are checked in files of their own.
A check never raises: what goes wrong is what it has to say.
"""

import os
import pwd
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from gateway.cli.context import Installation, NotRunning
from gateway.deadlines import load_calendar, load_rule_sets, local_day, rule_sets_in_force
from gateway.errors import GatewayError
from gateway.seals import read_master_key
from gateway.settings import config_dir

Words: TypeAlias = tuple[str, str]

CALENDAR_DAYS: Final = 45
_DISK_WARNING: Final = 2 << 30
_DISK_FAULT: Final = 256 << 20
_LISTENERS: Final = ("exchange", "control", "operations")
_STARTS: Final = ("It is made at the first start.", "首次启动时自动建立。")


class State(StrEnum):
    """A warning does not keep the gateway from running; a fault does, or makes it unsafe."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it is, and what to do, each in English and Chinese; no remedy when all is well."""

    name: str
    state: State
    said: Words
    remedy: Words | None = None


def ok(name: str, en: str, zh: str) -> Check:
    """Nothing to do."""
    return Check(name, State.OK, (en, zh))


def warning(name: str, said: Words, remedy: Words) -> Check:
    """Look at it soon."""
    return Check(name, State.WARNING, said, remedy)


def fault(name: str, said: Words, remedy: Words) -> Check:
    """Mend it."""
    return Check(name, State.FAULT, said, remedy)


def from_error(name: str, error: Exception) -> Check:
    """A check that met an error: its own words where it is one of ours."""
    if isinstance(error, GatewayError):
        return fault(name, (error.detail, error.detail_zh), error.remedy)
    words = f"{type(error).__name__}: {error}"
    return fault(name, (words, words), ("Correct what it says.", "请按提示处理。"))


def examined(name: str, look: Callable[[], Check]) -> Check:
    """What ``look`` finds, or the error it meets."""
    try:
        return look()
    except (GatewayError, OSError, ValueError) as error:
        return from_error(name, error)


def is_set_up(where: Installation) -> bool:
    """Whether anything was made here yet: a database of one's own counts."""
    return where.settings.storage.dsn is not None or where.postgres_dir.exists()


def machine_checks(where: Installation, now: datetime) -> Iterator[Check]:
    """Everything that needs no database; ``now`` with its zone."""
    yield examined("data directory", lambda: data_directory(where.data_dir))
    yield examined("disk", lambda: disk(where.data_dir))
    yield examined("master key", lambda: master_key(where))
    yield examined("gateway", lambda: running(where))
    yield examined("ports", lambda: ports(where))
    yield examined("calendars", lambda: calendars(config_dir() / "calendars", local_day(now)))
    yield examined(
        "rule sets",
        lambda: rule_sets(config_dir() / "rules", local_day(now), where.settings.platform.region),
    )


def data_directory(path: Path) -> Check:
    """Whose it is and who may write in it."""
    name = "data directory"
    if not path.exists():
        return ok(name, f"{path} is not there yet. {_STARTS[0]}", f"{path} 尚未建立。{_STARTS[1]}")
    found = path.stat()
    if found.st_uid != os.geteuid():
        owner = _account(found.st_uid)
        said = (f"{path} belongs to {owner}, you are {_account(os.geteuid())}", f"{path} 属于账户 {owner}")
        remedy = (f"Run the gateway and its commands as {owner}.", f"请以账户 {owner} 运行网关及其命令。")
        return warning(name, said, remedy) if os.geteuid() == 0 else fault(name, said, remedy)
    if found.st_mode & 0o022:
        return fault(
            name,
            (f"others may write in {path}", f"其他账户可写入 {path}"),
            (f"Run: chmod go-w {path}", f"请执行：chmod go-w {path}"),
        )
    return ok(name, str(path), str(path))


def disk(path: Path) -> Check:
    """Free space where the data directory lies or will lie; without it no audit record, hence no data."""
    there = next(each for each in (path, *path.parents) if each.exists())
    free = shutil.disk_usage(there).free
    shown = f"{free / (1 << 30):.1f} GiB"
    if free >= _DISK_WARNING:
        return ok("disk", f"{shown} free", f"可用空间 {shown}")
    tell = warning if free >= _DISK_FAULT else fault
    return tell(
        "disk",
        (f"only {shown} free at {there}", f"{there} 仅剩 {shown} 可用空间"),
        (
            "Make room: when the disk is full, calls are answered 503.",
            "请清理或扩容：磁盘写满后所有调用将返回 503。",
        ),
    )


def master_key(where: Installation) -> Check:
    """The 32 bytes that open everything stored, readable by their owner only."""
    name, path = "master key", where.settings.secrets.master_key_file
    if path is not None and not path.exists():
        if where.settings.storage.dsn is None and not where.postgres_dir.exists():
            return ok(name, f"{path} is not there yet. {_STARTS[0]}", f"{path} 尚未建立。{_STARTS[1]}")
        return fault(
            name,
            (f"{path} is missing", f"主密钥文件 {path} 不存在"),
            (
                "Put back the key this database was set up with; for an empty database make one (README, “Production”).",
                "请恢复建库时使用的主密钥；全新数据库请按 README“生产环境”生成。",
            ),
        )
    read_master_key(path)
    return ok(name, f"{path}, closed to others", f"{path}，仅属主可读")


def running(where: Installation) -> Check:
    """Whether a gateway serves this data directory now, and where."""
    if found := _running(where):
        addresses = ", ".join(f"{name} {found[name]}" for name in _LISTENERS if found.get(name))
        return ok("gateway", f"process {found['pid']}: {addresses}", f"进程 {found['pid']}：{addresses}")
    return ok("gateway", "not running", "未运行")


def ports(where: Installation) -> Check:
    """Each listener's address is free, or our running gateway holds it."""
    listen = where.settings.listen
    wanted = {
        "exchange": (listen.exchange_host, listen.exchange_port),
        "control": (listen.control_host, listen.control_port),
        "operations": (listen.metrics_host, listen.metrics_port),
    }
    ours = _running(where)
    taken = [
        f"{name} {host}:{port}"
        for name, (host, port) in wanted.items()
        if not _is_free(host, port) and urlsplit(ours.get(name) or "").port != port
    ]
    if taken:
        return fault(
            "ports",
            (f"taken by another program: {', '.join(taken)}", f"已被其他程序占用：{'、'.join(taken)}"),
            (
                "Choose other ports in [listen], or stop that program.",
                "请在 [listen] 中更换端口，或停止占用端口的程序。",
            ),
        )
    shown = ", ".join(f"{host}:{port}" for host, port in wanted.values())
    return ok("ports", f"free or our own: {shown}", f"可用或由本网关占用：{shown}")


def calendars(folder: Path, today: date) -> Check:
    """Until when the working days are published; a gap never stops the gateway, every December meets one."""
    calendar = load_calendar(folder)
    left = (calendar.covered_until - today).days
    said = (
        f"{calendar.version}, published until {calendar.covered_until}, {left} days left",
        f"{calendar.version}，已公布至 {calendar.covered_until}，剩余 {left} 天",
    )
    if left >= CALENDAR_DAYS:
        return ok("calendars", *said)
    year = calendar.covered_until.year + 1
    return warning(
        "calendars",
        said,
        (
            f"When the State Council publishes {year}, add {folder}/{year}.json and restart; until then deadlines in "
            f"{year} are provisional.",
            f"国务院公布 {year} 年放假安排后，请添加 {folder}/{year}.json 并重启；此前落在 {year} 年的时限均为暂定。",
        ),
    )


def rule_sets(folder: Path, today: date, region: str) -> Check:
    """The legal clocks that bind an application filed today."""
    found = load_rule_sets(folder)
    names = ", ".join(each.id for each in rule_sets_in_force(found, today, region))
    if names:
        return ok("rule sets", f"in force in {region}: {names}", f"{region} 现行时限规则：{names}")
    return fault(
        "rule sets",
        (f"none of {len(found)} is in force in {region}", f"{len(found)} 个时限规则均不适用于 {region}"),
        (
            "Set [platform] region, or add the rule set of your region.",
            "请检查 [platform] region，或添加本地时限规则。",
        ),
    )


def _running(where: Installation) -> dict[str, Any]:
    try:
        return where.addresses()
    except NotRunning:
        return {}


def _is_free(host: str, port: int) -> bool:
    if port == 0:
        return True
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except OSError:
            return False
    return True


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def present() -> datetime:
    """The host's clock."""
    return datetime.now(UTC)
