"""``gw doctor`` on a real database, as a user runs it: its own process, settings from the environment."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

Checks = dict[str, dict[str, str]]
Examine = Callable[..., Awaitable[tuple[int, Checks]]]


@pytest.fixture
def environment(database: Any, tmp_path: Path) -> dict[str, str]:
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(database.master_key))
    key.chmod(0o600)
    free = {f"GATEWAY__LISTEN__{name}_PORT": "0" for name in ("EXCHANGE", "CONTROL", "METRICS")}
    kept = {name: value for name, value in os.environ.items() if name != "GATEWAY_CONFIG"}
    return kept | free | {
        "GATEWAY_DATA_DIR": str(tmp_path),
        "GATEWAY__STORAGE__DSN": database.owner_dsn,
        "GATEWAY__STORAGE__LOGIN_PREFIX": database.prefix,
        "GATEWAY__SECRETS__MASTER_KEY_FILE": str(key),
    }  # fmt: skip


async def gw(env: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments, env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


@pytest.fixture
async def examine(environment: dict[str, str]) -> Examine:
    """Set up as in production, then ``gw doctor``: exit code, and the checks by name."""
    assert (await gw(environment, "migrate"))[0] == 0

    async def look(**changed: str) -> tuple[int, Checks]:
        code, out = await gw(environment | changed, "doctor", "--json")
        return code, {check["name"]: check for check in json.loads(out)["checks"]}

    return look


async def owner(database: Any, *statements: str) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def unwell(checks: Checks) -> dict[str, str]:
    return {name: check["state"] for name, check in checks.items() if check["state"] != "ok"}


async def test_a_migrated_database_has_no_fault(examine: Examine) -> None:
    code, checks = await examine()
    found = unwell(checks)
    found.pop("calendars", None)  # a warning in the last weeks of a year
    assert (code, found) == (0, {"integrator": "warning"})
    assert "serve --only integrator" in checks["integrator"]["remedy"]


async def test_notices_that_do_not_get_out_are_found(examine: Examine, database: Any) -> None:
    assert (await examine())[1]["outbox"]["state"] == "ok"
    await owner(
        database,
        """INSERT INTO supervision.notification (id, org, desk, name, channel, target, kind, content, created_at, next_at,
            state)
        SELECT gen_random_uuid(), code, 'handler', '某人', 'email', 'a@example.gov.cn', 'remind', '{}',
            now() - interval '2 hours', now(), 'pending' FROM identity.org LIMIT 1""",
    )
    code, checks = await examine()
    assert (code, checks["outbox"]["state"]) == (0, "warning")
    assert "1 notices wait" in checks["outbox"]["detail"]
    code, checks = await examine(GATEWAY__NOTIFY__STUCK_SECONDS="10000")
    assert checks["outbox"]["state"] == "ok"


async def test_a_login_that_may_change_the_ledger_is_found(examine: Examine, database: Any) -> None:
    login = f"{database.prefix}_exchange"
    await owner(
        database,
        f"GRANT UPDATE ON audit.ledger TO {login}",
        f"GRANT SELECT (private_wrapped) ON identity.signing_key TO {login}",
        "GRANT DELETE ON audit.head TO gx_reader",
        f"GRANT USAGE ON SCHEMA attestation TO {login}",
        f"GRANT SELECT ON attestation.seal_key TO {login}",
    )
    code, checks = await examine()
    assert code == 1
    assert "SELECT on attestation.seal_key" in checks["login exchange"]["detail"]
    assert "UPDATE on audit.ledger" in checks["login exchange"]["detail"]
    assert "private_wrapped" in checks["login exchange"]["detail"]
    assert "DELETE on audit.head" in checks["login reader"]["detail"]
    assert checks["login control"]["state"] == "ok"


async def test_a_trigger_switched_off_is_found_with_its_table(examine: Examine, database: Any) -> None:
    await owner(database, "ALTER TABLE audit.head DISABLE TRIGGER head_stays")
    code, checks = await examine()
    assert code == 1
    assert checks["audit guards"]["detail"] == "can be changed: audit.head"


async def test_settings_that_lose_commits_are_found_under_the_login_that_records(
    examine: Examine, database: Any
) -> None:
    await owner(database, f"ALTER DATABASE {database.name} SET synchronous_commit = off")
    code, checks = await examine()
    assert (code, checks["durability"]["state"]) == (1, "fault")
    assert "synchronous_commit=off" in checks["durability"]["detail"]
    code, checks = await examine(GATEWAY__AUDIT__ALLOW_UNSAFE_DURABILITY="true")
    assert (code, checks["durability"]["state"]) == (0, "warning")


async def test_the_master_key_of_another_installation_is_found(examine: Examine, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(base64.b64encode(bytes(32)))
    other.chmod(0o600)
    code, checks = await examine(GATEWAY__SECRETS__MASTER_KEY_FILE=str(other))
    assert code == 1
    assert {checks[f"login {zone}"]["state"] for zone in ("control", "exchange", "integrator", "reader")} == {
        "fault"
    }
    assert "master key" in checks["login control"]["remedy"]


async def test_a_migration_that_waits_is_named(examine: Examine, database: Any) -> None:
    await owner(
        database, "DELETE FROM storage.migration WHERE number = (SELECT max(number) FROM storage.migration)"
    )
    code, checks = await examine()
    assert code == 1
    assert checks["migrations"]["detail"].startswith("waiting: 00")
    assert "./gw migrate" in checks["migrations"]["remedy"]


async def test_an_empty_database_is_told_to_be_migrated(environment: dict[str, str], database: Any) -> None:
    await owner(database, "DROP SCHEMA storage CASCADE")
    code, out = await gw(environment, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 1
    assert "./gw migrate" in checks["migrations"]["remedy"]
    assert "login control" not in checks


@pytest.mark.parametrize("what", ["postgresql://nobody-known:x@", "/no_such_database"])
async def test_a_database_that_lets_nobody_in_is_not_reachable(
    examine: Examine, database: Any, what: str
) -> None:
    scheme, _, rest = database.owner_dsn.partition("://")
    login, _, address = rest.rpartition("@")
    dsn = (
        f"{what}{address}"
        if "@" in what
        else f"{scheme}://{login}@{address.replace('/' + database.name, what)}"
    )
    code, checks = await examine(GATEWAY__STORAGE__DSN=dsn)
    assert (code, checks["database"]["state"]) == (4, "fault")


async def test_a_login_without_its_power_is_found(environment: dict[str, str], database: Any) -> None:
    prefix = f"l{database.name}"
    env = environment | {"GATEWAY__STORAGE__LOGIN_PREFIX": prefix}
    assert (await gw(env, "migrate"))[0] == 0
    await owner(database, f"REVOKE gx_reader FROM {prefix}_reader")
    code, out = await gw(env, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert (code, checks["audit head"]["state"]) == (1, "fault")
    assert "is not a member of gx_reader" in checks["login reader"]["detail"]
    assert checks["login control"]["state"] == "ok"
