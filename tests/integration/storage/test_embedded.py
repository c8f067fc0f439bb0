import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from ports import held_port

from gateway.storage.binaries import Binaries, NoPostgres, find_binaries
from gateway.storage.cluster import ClusterNotMade, DataDirUnusable
from gateway.storage.embedded import AlreadyRunning, EmbeddedPostgres, ServerNotStarted, dsn_of_running

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that the account of the server may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="gw-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """One server for the tests that only ask."""
    path = Path(tempfile.mkdtemp(prefix="gw-"))
    path.chmod(0o711)
    with EmbeddedPostgres(path / "data", durable=False) as running:
        yield running
    shutil.rmtree(path)


async def _ask(dsn: str, sql: str, values: tuple[object, ...]) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


def ask(dsn: str, sql: str, *values: object) -> object:
    # A loop of our own: asyncio.run would take away the one pytest-asyncio keeps for the session.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_ask(dsn, sql, values))
    finally:
        loop.close()


def write_row(dsn: str, text: str) -> None:
    ask(dsn, "CREATE TABLE IF NOT EXISTS kept (text text)")
    ask(dsn, "INSERT INTO kept VALUES ($1)", text)


def supervised(data_dir: Path) -> tuple[subprocess.Popen[str], int]:
    """A process of its own that starts the server and waits to be killed; with the server's process id."""
    program = f"""
        import time
        from pathlib import Path
        from gateway.storage.embedded import EmbeddedPostgres
        server = EmbeddedPostgres(Path({str(data_dir)!r}))
        server.start()
        print(server.pid, flush=True)
        time.sleep(600)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def wait_until_gone(pid: int, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.02)
    return False


def wait_until_dead(server: EmbeddedPostgres) -> bool:
    end = time.monotonic() + 30
    while server.alive() and time.monotonic() < end:
        time.sleep(0.01)
    return not server.alive()


def test_a_restart_keeps_the_rows_and_the_password(home: Path) -> None:
    with EmbeddedPostgres(home / "data") as server:
        first = server.dsn()
        write_row(first, "不动产登记")
    with EmbeddedPostgres(home / "data") as server:
        assert server.dsn() == first
        assert ask(server.dsn(), "SELECT text FROM kept") == "不动产登记"
    assert not server.alive()
    assert server.pid is None


def test_the_cluster_has_checksums_and_asks_for_a_scram_password(server: EmbeddedPostgres) -> None:
    assert ask(server.dsn(), "SHOW data_checksums") == "on"
    rules = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
    assert ask(server.dsn(), rules) == "scram-sha-256"
    wrong = server.dsn().replace(":", ":x", 2).replace(":x//", "://", 1)
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(wrong, "SELECT 1")


def test_only_a_server_for_tests_forgoes_durability(home: Path) -> None:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    for durable, expected in ((True, {"on"}), (False, {"off"})):
        with EmbeddedPostgres(home / f"{durable}", durable=durable) as server:
            assert {ask(server.dsn(), f"SHOW {name}") for name in names} == expected


def test_the_server_never_runs_as_root(home: Path) -> None:
    expected = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    with EmbeddedPostgres(home / "data", durable=False) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == expected
        for private in ("password", "server.log", "run", "cluster"):
            kept = (home / "data" / private).stat()
            assert kept.st_mode & 0o077 == 0
            assert kept.st_uid == expected


def test_programs_below_a_closed_home_are_copied_when_the_server_runs_as_another(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    wheel = find_binaries().bin_dir.parents[1]
    for tree in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(tree, closed / tree.name, symlinks=True)
    hidden = Binaries(closed / wheel.name / "pginstall" / "bin", find_binaries().major, "a closed copy")
    with EmbeddedPostgres(home / "data", durable=False, binaries=hidden) as server:
        runs = Path(os.readlink(f"/proc/{server.pid}/exe"))
        assert runs.is_relative_to(home / "data" / "binaries" if os.geteuid() == 0 else closed)
        assert ask(server.dsn(), "SELECT 1") == 1


def test_the_server_ends_when_its_supervisor_is_killed(home: Path) -> None:
    process, pid = supervised(home / "data")
    found = dsn_of_running(home / "data")
    assert found
    write_row(found, "kept")
    kill(process)
    assert wait_until_gone(pid)
    with EmbeddedPostgres(home / "data") as server:
        assert ask(server.dsn(), "SELECT text FROM kept") == "kept"


def test_a_start_right_after_a_killed_supervisor_waits_for_the_old_server(home: Path) -> None:
    process, pid = supervised(home / "data")
    kill(process)
    with EmbeddedPostgres(home / "data") as server:
        assert server.pid != pid
        assert ask(server.dsn(), "SELECT 1") == 1


def test_rows_acknowledged_before_a_killed_server_are_there_after_the_restart(home: Path) -> None:
    with EmbeddedPostgres(home / "data") as server:
        write_row(server.dsn(), "acknowledged")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until_dead(server)
    assert dsn_of_running(home / "data") is None
    with EmbeddedPostgres(home / "data") as server:
        assert ask(server.dsn(), "SELECT text FROM kept") == "acknowledged"


def test_a_second_start_is_refused_with_the_process_id(home: Path) -> None:
    with EmbeddedPostgres(home / "data", durable=False) as server:
        with pytest.raises(AlreadyRunning, match=str(server.pid)):
            EmbeddedPostgres(home / "data").start()
        with pytest.raises(AlreadyRunning, match=str(server.pid)):
            server.start()
        assert ask(server.dsn(), "SELECT 1") == 1
    assert dsn_of_running(home / "data") is None


def test_another_process_finds_a_running_server_by_its_directory(home: Path) -> None:
    assert dsn_of_running(home / "data") is None
    with EmbeddedPostgres(home / "data", durable=False) as server:
        program = (
            "import sys; from pathlib import Path; from gateway.storage.embedded import dsn_of_running; "
            "print(dsn_of_running(Path(sys.argv[1])))"
        )
        told = subprocess.run(
            [sys.executable, "-c", program, "data"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == server.dsn()
        stale = (home / "data" / "cluster" / "postmaster.pid").read_text()
    assert dsn_of_running(home / "data") is None
    (home / "data" / "cluster" / "postmaster.pid").write_text(
        stale.replace(stale.split()[0], str(os.getpid()), 1)
    )
    assert dsn_of_running(home / "data") is None


def test_psql_understands_the_dsn(server: EmbeddedPostgres) -> None:
    command = [find_binaries().program("psql"), "-XAtc", "SELECT current_database()", server.dsn()]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout == "gateway\n"


def test_only_a_given_port_opens_tcp_and_only_on_the_loopback_address(home: Path) -> None:
    with held_port() as port, EmbeddedPostgres(home / "data", port=port, durable=False) as server:
        assert ask(server.dsn(), "SHOW listen_addresses") == "127.0.0.1"
        password = urlsplit(server.dsn()).password
        assert ask(f"postgresql://gateway:{password}@127.0.0.1:{port}/gateway", "SELECT 1") == 1
    with EmbeddedPostgres(home / "data", durable=False) as server:
        assert ask(server.dsn(), "SHOW listen_addresses") == ""


def test_chinese_text_sorts_by_code_point_and_is_found_by_words_of_two_signs(
    server: EmbeddedPostgres,
) -> None:
    assert ask(server.dsn(), "SHOW server_encoding") == "UTF8"
    words = ["行政区划代码", "婚姻登记核验", "企业登记信息"]
    ordered = ask(server.dsn(), "SELECT array_agg(w ORDER BY w) FROM unnest($1::text[]) w", words)
    assert ordered == sorted(words)
    ask(server.dsn(), "CREATE TABLE item (title text, grams text[])")
    ask(server.dsn(), "CREATE INDEX ON item USING gin (grams)")
    for title in words:
        grams = [title[at : at + 2] for at in range(len(title) - 1)]
        ask(server.dsn(), "INSERT INTO item VALUES ($1, $2)", title, grams)
    found = ask(server.dsn(), "SELECT title FROM item WHERE grams @> $1::text[]", ["婚姻"])
    assert found == "婚姻登记核验"


def test_trigrams_of_chinese_text_exist(server: EmbeddedPostgres) -> None:
    ask(server.dsn(), "CREATE EXTENSION pg_trgm")
    assert ask(server.dsn(), "SELECT cardinality(show_trgm('统一社会信用代码')) > 0")


# a server of the distribution cannot be had from the package index; the embedded one is tested everywhere
@pytest.mark.skipif(not DEBIAN_15.exists(), reason="the distribution's PostgreSQL 15 is not installed")
def test_data_made_with_the_distributions_server_is_opened_with_it_again(home: Path) -> None:
    with EmbeddedPostgres(home / "data", binaries=Binaries(DEBIAN_15, 15, "system")) as server:
        write_row(server.dsn(), "十五")
        ask(server.dsn(), "CREATE EXTENSION pg_trgm")
        assert ask(server.dsn(), "SELECT cardinality(show_trgm('统一社会信用代码')) > 0")
    assert find_binaries(home / "data").major == 15
    with EmbeddedPostgres(home / "data") as server:
        assert str(ask(server.dsn(), "SHOW server_version")).startswith("15.")
        assert ask(server.dsn(), "SELECT text FROM kept") == "十五"


def test_programs_of_another_version_are_never_used_on_existing_data(home: Path) -> None:
    (home / "data" / "cluster").mkdir(parents=True)
    (home / "data" / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NoPostgres, match="PostgreSQL 9"):
        find_binaries(home / "data")


def deep(home: Path) -> Path:
    return home / ("很长的目录名" * 10) / "数据" / "data"


def test_a_path_too_long_for_a_socket_gets_a_short_one_that_is_removed(home: Path) -> None:
    data_dir = deep(home)
    data_dir.mkdir(parents=True)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        place = Path(parse_qs(urlsplit(server.dsn()).query)["host"][0])
        assert not place.is_relative_to(home)
        assert place.stat().st_mode & 0o077 == 0
        assert dsn_of_running(data_dir) == server.dsn()
        assert ask(server.dsn(), "SELECT 1") == 1
    assert not place.exists()


def test_the_short_socket_directory_of_a_killed_process_is_removed_at_the_next_start(
    home: Path,
) -> None:
    data_dir = deep(home)
    process, pid = supervised(data_dir)
    left = (data_dir / "run").readlink()
    kill(process)
    assert wait_until_gone(pid)
    assert left.is_dir()
    with EmbeddedPostgres(data_dir):
        assert not left.exists()


def test_a_path_with_blanks_and_commas_works(home: Path) -> None:
    with EmbeddedPostgres(home / "a b, c", durable=False) as server:
        assert ask(server.dsn(), "SELECT 1") == 1


def test_variables_meant_for_another_server_change_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": str(home), "PGOPTIONS": "-c port=1"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(home / "data", durable=False) as server:
        assert "port=5432" in server.dsn()
        assert server.alive()


def test_starting_on_another_thread_is_refused(home: Path) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="main thread"):
        pool.submit(EmbeddedPostgres(home / "data").start).result()
    assert not (home / "data").exists()


def test_a_directory_with_other_peoples_files_is_left_alone(home: Path) -> None:
    (home / "letter").write_text("mine")
    before = home.stat().st_mode
    with pytest.raises(DataDirUnusable, match="did not make"):
        EmbeddedPostgres(home).start()
    assert home.stat().st_mode == before
    assert [path.name for path in home.iterdir()] == ["letter"]


def test_a_directory_the_servers_account_cannot_enter_is_named(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o600)
    with pytest.raises(DataDirUnusable, match="closed"):
        EmbeddedPostgres(closed / "data").start()
    closed.chmod(0o700)


def test_a_half_made_cluster_is_made_anew(home: Path) -> None:
    with EmbeddedPostgres(home / "data", durable=False):
        pass
    (home / "data" / "cluster").rename(home / "data" / "cluster.new")
    with EmbeddedPostgres(home / "data", durable=False) as server:
        assert server.alive()


def test_what_postgresql_says_of_a_failed_set_up_is_told(home: Path) -> None:
    broken = home / "bin"
    broken.mkdir()
    broken.chmod(0o755)
    for name in ("postgres", "initdb"):
        (broken / name).write_text(
            "#!/bin/sh\necho 'postgres (PostgreSQL) 18.0'; echo no room >&2; [ $1 = --version ]\n"
        )
        (broken / name).chmod(0o755)
    with pytest.raises(ClusterNotMade, match="initdb: no room"):
        EmbeddedPostgres(home / "data", binaries=Binaries(broken, 18, "broken")).start()
    assert not (home / "data" / "cluster").exists()


def test_what_postgresql_says_of_a_failed_start_is_told(home: Path) -> None:
    with EmbeddedPostgres(home / "data", durable=False):
        pass
    with (home / "data" / "cluster" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    server = EmbeddedPostgres(home / "data", durable=False)
    with pytest.raises(ServerNotStarted, match="no_such_setting"):
        server.start()
    assert not server.alive()
    assert not (home / "data" / "run").exists()
