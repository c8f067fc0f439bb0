"""``gw calendar`` as a user runs it: its own process, the files in a configuration folder of its own."""

import asyncio
import base64
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import config_dir

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(config_dir(), tmp_path / "config"))


@pytest.fixture
def run(database: Any, tmp_path: Path, folder: Path) -> Run:
    """Run ``gw calendar``; exit code, standard output, standard error."""
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = os.environ | {
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
        "GATEWAY_CONFIG_DIR": str(folder),
    }

    async def gw(*arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "calendar", *arguments,
            env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    return gw


def notice_of_2027(folder: Path) -> None:
    days = [{"date": f"2027-01-0{day}", "name": "元旦", "isOffDay": True} for day in (1, 2, 3)]
    content = {"year": 2027, "source": "test", "days": days}
    (folder / "calendars" / "2027.json").write_text(json.dumps(content), encoding="utf-8")


async def test_a_new_year_is_seen_compared_and_published_once(run: Run, folder: Path) -> None:
    code, out, err = await run("check")
    assert (code, err) == (0, "")
    assert "cn-2026." in out
    assert "not published" not in out

    notice_of_2027(folder)
    code, out, _ = await run("check")
    assert code == 0
    assert "which is not published: ./gw calendar diff" in out
    code, out, _ = await run("diff", "--json")
    assert (code, json.loads(out)["moves"]) == (0, [])
    assert json.loads(out)["in_folder"].startswith("cn-2027.12-")

    code, out, _ = await run("publish")
    assert (code, "Aborted" in out) == (1, False)
    code, out, _ = await run("publish", "--json", "--yes")
    assert (code, json.loads(out)["moved"]) == (0, [])
    assert json.loads(out)["in_force"].startswith("cn-2027.12-")
    code, _, err = await run("publish", "--yes")
    assert code == 1
    assert "NothingToPublish" not in err
    assert "已发布" in err


async def test_a_drifted_deadline_fails_the_check_and_is_named(run: Run, database: Any) -> None:
    await run("check")
    owner = await database.owner()
    try:
        await owner.execute("""
            INSERT INTO identity.org (code, name, region, registered_at) VALUES ('11621000MB00000037', '某局', '621000', now())
        """)
        await owner.execute("""
            INSERT INTO supervision.clock (case_kind, case_id, rule, subject, actor, holder, parties, state, is_open,
                is_binding, due_at, provisional, overdue, reckoned)
            VALUES ('correction', '01a1fd8c-9b7d-7425-883d-959a9e27c23f', 'tl809.correct', 'x', 'provider',
                '11621000MB00000037', '{11621000MB00000037}', 'running', true, true, '2026-12-06T00:00+08', false, false,
                '[{"at": "2026-11-20T10:00:00+08:00", "event": "received"}]')
        """)
    finally:
        await owner.close()
    code, out, _ = await run("check")
    assert code == 1
    assert "tl809.correct  2026-12-06T00:00:00+08:00 → 2026-12-05T00:00:00+08:00" in out


async def test_a_script_is_never_asked(run: Run) -> None:
    code, _, err = await run("publish", "--json")
    assert (code, "needs --yes" in err) == (2, True)
