"""The files of one embedded server: where they lie, who owns them, how they are made and what they tell.

Apart from the supervisor, so that another process (``./gw token``) can find a running server without one.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.errors import BadSettings, Unavailable
from gateway.storage.binaries import Account, Binaries, drop_to

SUPERUSER: Final = "gateway"
DATABASE: Final = "gateway"
_CREATE_DATABASE: Final = "CREATE DATABASE gateway;\n"
SOCKET_PORT: Final = 5432
_PR_SET_PDEATHSIG: Final = 1
_SOCKET_PATH_MAX: Final = 107
_TEMPORARY: Final = "gw-pg-"


class DataDirUnusable(BadSettings):
    """The data directory cannot be used by this account（当前账户无法使用该数据目录）."""

    remedy = (
        "Choose another directory with --data-dir (as root: one that everybody may enter, such as one under "
        "/var/lib), or start as the account that owns it.",
        "请用 --data-dir 另选目录（root 启动时应选其他账户可进入的目录，如 /var/lib 下），"
        "或改用该目录所属账户启动。",
    )


class ClusterNotMade(Unavailable):
    """The embedded PostgreSQL could not be set up（内置 PostgreSQL 初始化失败）."""

    remedy = (
        "Correct what PostgreSQL reports in the detail and start again; nothing was kept of the attempt.",
        "请按 PostgreSQL 提示处理后重新启动；本次未保留任何数据。",
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """A data directory: the cluster, the superuser's password, the socket, the log and the lock."""

    root: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory; it appears whole or not at all."""
        return self.root / "cluster"

    @property
    def password_file(self) -> Path:
        """The superuser's password, mode 0600."""
        return self.root / "password"

    @property
    def run(self) -> Path:
        """The socket's directory, or a link to it where this path is too long for a socket."""
        return self.root / "run"

    @property
    def log(self) -> Path:
        """What the server of the present start has said; the one before stands beside it as ``.old``."""
        return self.root / "server.log"

    @property
    def lock(self) -> Path:
        """Held by the supervising process as long as it lives."""
        return self.root / "lock"


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says of a server, running or left over."""

    pid: int
    port: int
    socket_dir: Path
    is_ready: bool


def read_postmaster(layout: Layout) -> Postmaster | None:
    """The content of ``postmaster.pid``; None where there is none or it is still being written."""
    try:
        lines = (layout.cluster / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(lines) < 5:
        return None
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return Postmaster(int(lines[0]), int(lines[3]), Path(lines[4]), ready)


def running_postmaster(layout: Layout) -> Postmaster | None:
    """The server that runs on this directory now; a file left by a killed server does not count."""
    found = read_postmaster(layout)
    return found if found and _works_in(found.pid, layout.cluster) else None


def _works_in(pid: int, cluster: Path) -> bool:
    try:
        os.kill(pid, 0)
        # The number may have passed to a stranger since; a server's working directory is its cluster.
        return sys.platform != "linux" or os.path.samefile(f"/proc/{pid}/cwd", cluster)
    except (ProcessLookupError, FileNotFoundError):
        return False
    except PermissionError:
        return True


def account_for(layout: Layout) -> Account | None:
    """Who runs the server: we ourselves; for root the owner of what already exists, else ``nobody``."""
    if os.geteuid() != 0:
        return None
    for kept in (layout.cluster, layout.root):
        if kept.exists() and kept.stat().st_uid != 0:
            return Account(kept.stat().st_uid, kept.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def prepare_root(layout: Layout, account: Account | None) -> None:
    """Make the data directory. Root keeps it: the server's account may pass through, not write in it.

    Raises:
        DataDirUnusable: it belongs to somebody else, holds other things, or ``account`` may not enter a directory
            above it.
    """
    root = layout.root
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()) and not layout.lock.exists():
            raise DataDirUnusable(
                f"{root} holds files the gateway did not make", f"{root} 中有非网关建立的文件"
            )
        root.chmod(0o711 if account else 0o700)
    except OSError as fault:
        raise DataDirUnusable(f"{root}: {fault.strerror}", f"{root}：{fault.strerror}") from fault
    if account is None:
        return
    closed = _first_closed(root, account)
    if closed:
        raise DataDirUnusable(
            f"root starts PostgreSQL as {account.name}, who may not enter {closed}",
            f"root 以 {account.name} 账户运行 PostgreSQL，而该账户无权进入 {closed}",
        )


def _first_closed(path: Path, account: Account) -> Path | None:
    for parent in reversed(path.parents):
        kept = parent.stat()
        bit = 0o100 if kept.st_uid == account.uid else 0o010 if kept.st_gid == account.gid else 0o001
        if not kept.st_mode & bit:
            return parent
    return None


def make_cluster(layout: Layout, binaries: Binaries, account: Account | None, *, durable: bool) -> None:
    """Set up an empty server with the database ``gateway``; it appears in place only when complete.

    Raises:
        ClusterNotMade: a program of PostgreSQL failed; the detail ends with its own words.
    """
    half = layout.root / "cluster.new"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    _give(half, account)
    layout.password_file.unlink(missing_ok=True)
    with os.fdopen(open_private(layout.password_file, os.O_WRONLY | os.O_EXCL, account), "w") as file:
        file.write(secrets.token_urlsafe(24))
    _run(
        [binaries.program("initdb"), "-D", str(half), *_initdb_options(layout, binaries, durable)],
        layout,
        account,
    )
    # Single-user mode needs no client program and no open socket.
    single = [binaries.program("postgres"), "--single", "-D", str(half), "postgres"]
    _run(single, layout, account, told=_CREATE_DATABASE)
    half.rename(layout.cluster)


def _initdb_options(layout: Layout, binaries: Binaries, durable: bool) -> list[str]:
    # C.UTF-8, not C: with C the trigram functions see no characters in Chinese text.
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
        if binaries.major >= 17
        else ["--locale=C.UTF-8"]
    )
    return [
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--auth=scram-sha-256",
        f"--pwfile={layout.password_file}",
        "--data-checksums",
        "--no-instructions",
        "--lc-messages=C",
        *locale,
        *([] if durable else ["--no-sync"]),
    ]


def _run(command: list[str], layout: Layout, account: Account | None, *, told: str | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=layout.root,
        env=environment(),
        input=told or "",
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=ends_with_us(),
        **drop_to(account),
    )
    # Single-user mode reports a failed statement and still exits with 0.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        said = last_words(done.stderr)
        raise ClusterNotMade(f"{Path(command[0]).name}: {said}", f"{Path(command[0]).name} 失败：{said}")


def ends_with_us() -> Callable[[], None]:
    """What the child does before it becomes a program of PostgreSQL: ask the kernel for SIGINT when its parent is gone."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def in_the_child() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


def environment() -> dict[str, str]:
    """The server's environment: no ``PG*`` variable of the caller may change what it does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def last_words(text: str) -> str:
    """The last three lines of a program's messages, in one."""
    return " | ".join(text.strip().splitlines()[-3:]) or "no message"


def open_private(path: Path, flags: int, account: Account | None) -> int:
    """A descriptor of a file, made if missing, that only the server's account and root can read (mode 0600)."""
    # Root must not follow a link that another account has put here.
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if account:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def _give(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def make_socket_dir(layout: Layout, account: Account | None, port: int) -> Path:
    """A closed directory for the socket: ``run``, or a short one under ``/tmp`` that ``run`` links to."""
    remove_socket_dir(layout)
    place = layout.run
    fits = len(os.fsencode(place / f".s.PGSQL.{port}")) <= _SOCKET_PATH_MAX
    # PostgreSQL reads its setting as a list in which these two signs have a meaning.
    if fits and not set(str(place)) & {",", '"'}:
        place.mkdir(mode=0o700)
    else:
        place = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir="/tmp"))
        layout.run.symlink_to(place)
    _give(place, account)
    return place


def remove_socket_dir(layout: Layout) -> None:
    """Remove the socket's directory, also one a killed process has left under ``/tmp``."""
    if layout.run.is_symlink():
        target = layout.run.readlink()
        if target.name.startswith(_TEMPORARY):
            shutil.rmtree(target, ignore_errors=True)
        layout.run.unlink()
    elif layout.run.exists():
        shutil.rmtree(layout.run)
