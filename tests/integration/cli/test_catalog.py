"""``gw catalog`` as a clerk runs it on the gateway's machine: template, check, import, export."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sheets import rows, workbook
from world import World

Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
def run(world: World, database: Any, tmp_path: Path) -> Run:
    """Run ``gw catalog`` beside a gateway on the same database; exit code, standard output, standard error."""
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    environment = os.environ | {
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
        "GATEWAY__PLATFORM__BASE_URL": world.gateway.issuer,
    }

    async def gw(*arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "catalog", *arguments, cwd=tmp_path,
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    return gw


async def test_a_clerk_checks_corrects_imports_and_exports(run: Run, world: World, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    wrong = rows()
    wrong[1] |= {"type": "文本"}
    file.write_bytes(workbook(wrong))
    code, out, err = await run("check", "a.xlsx", "--as", "provider")
    assert code == 1, err
    assert "目录!N3 数据类型: “文本”不在“数据类型”的可选值中。请从以下值中选择" in out
    assert "(nothing stored)" in out
    assert "rows read" in err
    code, out, _ = await run("import", "a.xlsx", "--as", "provider", "--json")
    said = json.loads(out)
    assert (code, said["stored"], said["faults_total"]) == (1, False, 1)
    code, out, _ = await run("import", "a.xlsx", "--as", "provider", "--store-clean")
    assert (code, "新建 1、修改 0、未变 0、未采用 1" in out) == (1, True)
    file.write_bytes(workbook(rows()))
    code, out, err = await run("import", "a.xlsx", "--as", "provider")
    assert (code, "drafted 1, changed 0, unchanged 1, left out 0" in out) == (0, True), err
    code, out, err = await run("export", "-o", "b.csv", "--as", "provider")
    assert code == 0, err
    assert (tmp_path / "b.csv").read_text("utf-8-sig").count("企业年报公示信息") == 3
    assert len((await world.as_("provider", "GET", "/v1/resources")).ok()["items"]) == 2


async def test_the_template_needs_no_gateway_and_others_are_told_what_is_missing(
    run: Run, tmp_path: Path
) -> None:
    code, out, err = await run("template", "-o", "t.xlsx")
    assert (code, "t.xlsx" in out) == (0, True), err
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")
    code, _, err = await run("check", "t.xlsx", "--as", "requester")
    assert (code, "数据提供部门" in err) == (1, True)
    (tmp_path / "c.xlsx").write_text("no workbook")
    code, _, err = await run("check", "c.xlsx", "--as", "provider")
    assert (code, "另存为" in err) == (2, True)
