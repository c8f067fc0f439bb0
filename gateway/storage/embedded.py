"""The embedded PostgreSQL: one server process, supervised by the gateway that started it.

For one machine (pilot, demo, tests); in production the gateway is given the DSN of a managed server. The server
is our child and ends with us: however the starting thread went, the kernel then tells the server to shut down.
"""

import fcntl
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from gateway.errors import Conflict, Unavailable
from gateway.storage.binaries import Account, Binaries, drop_to, find_binaries, runnable_by
from gateway.storage.cluster import (
    DATABASE,
    SOCKET_PORT,
    SUPERUSER,
    DataDirUnusable,
    Layout,
    account_for,
    ends_with_us,
    environment,
    last_words,
    make_cluster,
    make_socket_dir,
    open_private,
    prepare_root,
    read_postmaster,
    remove_socket_dir,
    running_postmaster,
)

_POLL_SECONDS: Final = 0.02
_FAST_SECONDS: Final = 60
_IMMEDIATE_SECONDS: Final = 10
_UNSAFE: Final = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# Under load the audit log writes gigabytes of WAL an hour, and the first change of a page after a checkpoint costs the whole page:
# few checkpoints. The inbox is emptied as fast as it fills: what it leaves behind is cleaned up before it fills the cache.
_UNDER_LOAD: Final = ("max_wal_size=4GB", "checkpoint_timeout=15min", "autovacuum_naptime=10s")
# The processes of a server that was killed end a moment after it.
_NOT_YET_GONE: Final = "pre-existing shared memory block"


class AlreadyRunning(Conflict):
    """The embedded PostgreSQL already runs on this data directory（该数据目录的内置 PostgreSQL 已在运行）."""

    remedy = (
        "Use the gateway that is running, stop it first, or choose another --data-dir.",
        "请使用正在运行的网关，或先停止它，或用 --data-dir 另选数据目录。",
    )


class ServerNotStarted(Unavailable):
    """The embedded PostgreSQL did not start（内置 PostgreSQL 未能启动）."""

    remedy = (
        "Read server.log in the data directory, correct what it reports and start again.",
        "请查看数据目录中的 server.log，处理所报问题后重新启动。",
    )


def dsn_of_running(data_dir: Path, database: str = DATABASE) -> str | None:
    """The superuser's DSN of the server running on ``data_dir``, whoever started it; None if none is ready.

    Raises:
        DataDirUnusable: this account may not read the directory.
    """
    layout = Layout(data_dir.resolve())
    try:
        server = running_postmaster(layout)
        return _dsn(layout, server.socket_dir, server.port, database) if server and server.is_ready else None
    except PermissionError as fault:
        raise DataDirUnusable(
            f"{layout.root} belongs to another account", f"{layout.root} 属于其他账户"
        ) from fault


def _dsn(layout: Layout, socket_dir: Path, port: int, database: str) -> str:
    password = layout.password_file.read_text()
    host = quote(str(socket_dir), safe="")
    return f"postgresql://{SUPERUSER}:{password}@/{quote(database, safe='')}?host={host}&port={port}"


class EmbeddedPostgres:
    """One server on one data directory, from ``start`` to ``stop``, or as a context manager.

    Args:
        data_dir: made at the first start; afterwards it holds the cluster, password, socket, log and lock.
        port: also listen on 127.0.0.1 at this TCP port; without it only the unix socket is open.
        max_connections: connections the server allows.
        durable: False is for tests only: faster, and a power failure may destroy the data.
        binaries: programs to use instead of those :func:`find_binaries` chooses.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        max_connections: int = 100,
        durable: bool = True,
        binaries: Binaries | None = None,
    ) -> None:
        self._layout = Layout(data_dir.resolve())
        self._tcp = port is not None
        self._port = port or SOCKET_PORT
        self._max_connections = max_connections
        self._durable = durable
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir = self._layout.run
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process id while it is ours; None before start and after stop."""
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def dsn(self, database: str = DATABASE) -> str:
        """The superuser's DSN over the unix socket, for asyncpg and for psql. It holds the password."""
        return _dsn(self._layout, self._socket_dir, self._port, database)

    def start(self, wait_seconds: float = 60) -> None:
        """Start the server and wait until it accepts connections; the first start sets it up.

        Must be called on the main thread: the kernel ends the server when the *starting thread* ends.

        Raises:
            AlreadyRunning: a server runs on this directory.
            NoPostgres, DataDirUnusable, ClusterNotMade, ServerNotStarted: as their titles say.
            RuntimeError: called on another thread.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("the embedded PostgreSQL must be started on the main thread")
        deadline = time.monotonic() + wait_seconds
        account = account_for(self._layout)
        prepare_root(self._layout, account)
        self._take_lock(account)
        try:
            self._await_leftover(deadline)
            self._start(account, deadline)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down: sessions are cut and everything is written; a server that hangs is ended ever harder."""
        if self._lock is None:
            return
        if self._process:
            self._end(self._process)
            self._process = None
        remove_socket_dir(self._layout)
        os.close(self._lock)
        self._lock = None

    def _start(self, account: Account | None, deadline: float) -> None:
        binaries = self._binaries or find_binaries(self._layout.root)
        binaries = runnable_by(account, binaries, self._layout.root)
        if not self._layout.cluster.exists():
            make_cluster(self._layout, binaries, account, durable=self._durable)
        self._socket_dir = make_socket_dir(self._layout, account, self._port)
        if self._layout.log.exists():
            self._layout.log.rename(self._layout.log.with_suffix(".log.old"))
        while not self._launch(binaries, account, deadline):
            time.sleep(_POLL_SECONDS)

    def _take_lock(self, account: Account | None) -> None:
        lock = open_private(self._layout.lock, os.O_RDWR, account)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise self._already_running() from None
        self._lock = lock

    def _already_running(self) -> AlreadyRunning:
        server = read_postmaster(self._layout)
        pid = server.pid if server else "starting"
        return AlreadyRunning(
            f"a server (process {pid}) runs on {self._layout.root}",
            f"{self._layout.root} 上已有服务器在运行（进程 {pid}）",
        )

    def _await_leftover(self, deadline: float) -> None:
        # We hold the lock, so a server still there has lost its supervisor and is shutting down.
        while running_postmaster(self._layout):
            if time.monotonic() > deadline:
                raise self._already_running()
            time.sleep(_POLL_SECONDS)

    def _launch(self, binaries: Binaries, account: Account | None, deadline: float) -> bool:
        with os.fdopen(open_private(self._layout.log, os.O_WRONLY | os.O_APPEND, account), "ab") as log:
            start_of_log = log.tell()
            self._process = subprocess.Popen(
                [binaries.program("postgres"), "-D", str(self._layout.cluster), *self._settings()],
                cwd=self._layout.root,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ends_with_us(),
                **drop_to(account),
            )
        while not self._is_ready():
            if not self.alive():
                said = self._layout.log.read_bytes()[start_of_log:].decode(errors="replace")
                if _NOT_YET_GONE in said and time.monotonic() < deadline:
                    return False
                raise ServerNotStarted(last_words(said), f"PostgreSQL 报告：{last_words(said)}")
            if time.monotonic() > deadline:
                raise ServerNotStarted("it was not ready in time", "未在限定时间内就绪")
            time.sleep(_POLL_SECONDS)
        return True

    def _is_ready(self) -> bool:
        # A file left over by a killed server also says "ready", with another process id.
        server = read_postmaster(self._layout)
        return server is not None and server.is_ready and server.pid == self.pid

    def _settings(self) -> list[str]:
        settings = [
            f"listen_addresses={'127.0.0.1' if self._tcp else ''}",
            f"port={self._port}",
            f"unix_socket_directories={self._socket_dir}",
            "unix_socket_permissions=0700",
            f"max_connections={self._max_connections}",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_checkpoints=off",
            *(_UNDER_LOAD if self._durable else _UNSAFE),
        ]
        return [part for setting in settings for part in ("-c", setting)]

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        for how, seconds in ((signal.SIGINT, _FAST_SECONDS), (signal.SIGQUIT, _IMMEDIATE_SECONDS)):
            process.send_signal(how)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return
        process.kill()
        process.wait()
