"""Exports through the API: fetched as a file and checked with nothing else."""

import asyncio
import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from world import CONSUMER, PLATFORM, PROVIDER, World, another, http_mount, provider_service, running_world

from gateway.audit.rollover.model import log_signer
from gateway.cli import main
from gateway.proof.command import main as checker_command
from gateway.proof.pack_answer import pack
from gateway.seals.statement import read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys


async def pack_of(world: World, login: str = "auditor", **asked: Any) -> bytes:
    """The pack of a new export, as soon as it can be fetched."""
    made = (await world.as_(login, "POST", "/v1/audit/exports", asked)).ok()
    path = f"/v1/audit/exports/{made['id']}"
    async with asyncio.timeout(20):
        while not (await world.as_(login, "GET", path)).body.get("ready"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    found: bytes = (await world.as_(login, "GET", f"{path}/pack")).ok()
    return found


@pytest.fixture
def policy(shared_database: Any) -> bytes:
    """Who signs the log's checkpoints."""
    return f"log {log_signer(PLATFORM, shared_database.master_key).key}\nquorum none\n".encode()


@pytest.fixture
async def called(shared_world: World) -> tuple[str, bytes]:
    """The request id of a call that was answered, and the bytes of the answer."""
    described = another()
    async with provider_service() as (base, _):
        await shared_world.granted(await shared_world.publish(described, http_mount(base)))
        token = await shared_world.access_token("registration", described["service"])
        answer = await shared_world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})
    await shared_world.integrated()
    return answer.headers["Request-Id"], json.dumps(answer.ok()).encode()


async def test_a_response_is_proven_from_the_pack_alone(
    shared_world: World, policy: bytes, called: tuple[str, bytes], tmp_path: Path
) -> None:
    found = await pack_of(
        shared_world,
        org=CONSUMER,
        sides=["consumer"],
        filter={"type": "call.released"},
        tables=["csv", "xlsx"],
    )
    (tmp_path / "pack.zip").write_bytes(found)
    report = pack(tmp_path / "pack.zip", policy, called[0]).members
    assert report["ok"], report
    assert report["response"]["whole"], report["response"]
    assert {one["as"]: one["by"] for one in report["response"]["links"]} == {
        "response": "registration", "intent": "registration", "grant": "provider", "decision": "provider",
        "application": "requester",
    }  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        sheet = load_workbook(io.BytesIO(archive.read("records.xlsx"))).active
    kinds = [row[4].value for row in sheet.iter_rows(min_row=2)]
    assert kinds == ["call.released"] * report["matching"]


async def test_each_department_gets_the_sealed_pack_of_its_own_use_and_nothing_else(
    shared_world: World,
    policy: bytes,
    called: tuple[str, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await pack_of(shared_world, "requester", kind="use-records", org=CONSUMER)
    path = tmp_path / "pack.zip"
    path.write_bytes(found)
    report = pack(path, policy, called[0]).members
    assert report["ok"], report
    assert report["asked"] == {
        "kind": "use-records",
        "org": CONSUMER,
        "sides": ["consumer"],
        "tables": ["csv", "xlsx"],
    }
    with zipfile.ZipFile(path) as archive:
        statement, listed = read_statement(archive.read("seal.json")), archive.read("pack.json")
    keys = (await shared_world.as_("", "GET", "/.well-known/seal-keys.json")).ok()["keys"]
    verify_statement(statement, accepted_keys(keys), None)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}), "utf-8")
    (tmp_path / "policy").write_bytes(policy)
    words = [
        "audit",
        "pack",
        "verify",
        str(path),
        "--policy",
        str(tmp_path / "policy"),
        "--jwks",
        str(tmp_path / "keys.json"),
    ]
    told = CliRunner().invoke(main, [*words, "--json"])
    assert (told.exit_code, json.loads(told.stdout)["seal"]["kid"]) == (0, statement.kid), told.output
    checker = [*words[1:], "--json"]
    assert checked(checker, capsys) == (0, json.loads(told.stdout)["seal"])
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            other.writestr(
                name, content.replace(b'"payload": "', b'"payload": "A') if name == "seal.json" else content
            )
    assert checked([*checker[:2], str(tmp_path / "other.zip"), *checker[3:]], capsys) == (1, "seal.json")
    (tmp_path / "keys.json").write_text('{"keys": []}', "utf-8")
    assert checked(checker, capsys) == (1, "seal.json")
    told = CliRunner().invoke(main, [*words, "--json"])
    assert (told.exit_code, json.loads(told.stdout)["place"]["file"]) == (1, "seal.json"), told.output
    assert statement.kind == "gateway-archive-pack"
    assert statement.content["list_sha256"] == hashlib.sha256(listed).hexdigest()

    refused = await shared_world.as_(
        "requester", "POST", "/v1/audit/exports", {"kind": "use-records", "org": PROVIDER}
    )
    refused.refused(403, "not-yours-to-export")
    (await shared_world.as_("requester", "POST", "/v1/audit/exports", {"org": CONSUMER})).refused(
        403, "not-yours-to-export"
    )


def checked(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    """The checker's exit code, and the seal it found or the file it names."""
    code = checker_command(words)
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    return code, said["seal"] if said["ok"] else said["place"]["file"]


async def test_an_auditors_export_is_nobody_elses(shared_world: World) -> None:
    made = (await shared_world.as_("auditor", "POST", "/v1/audit/exports", {"org": CONSUMER})).ok()
    await shared_world.integrated()
    for path in (made["id"], f"{made['id']}/pack"):
        (await shared_world.as_("requester", "GET", f"/v1/audit/exports/{path}")).refused(
            404, "no-such-export"
        )


async def test_asking_and_fetching_are_on_record(shared_world: World) -> None:
    await pack_of(shared_world, org=PROVIDER, first=1, last=1, sides=["provider"])
    events = await shared_world.audit(limit="10")
    taken = [event for event in events if event["type"] == "audit.export_taken"][-1]
    asked = [event for event in events if event["type"] == "audit.exported"][-1]
    assert taken["object"]["id"] == asked["id"]
    made = next(event for event in events if event["id"] == taken["cause"][0]["id"])
    assert (made["type"], made["cause"][0]["id"]) == ("audit.export_made", asked["id"])
    assert asked["detail"]["export"] == {
        "kind": "records", "org": PROVIDER, "sides": ["provider"], "first": 1, "last": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"org": PROVIDER, "since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"},
        {"org": PROVIDER, "since": "2046-01-01T00:00:00Z"},
        {"org": PROVIDER, "sides": ["provider"], "first": 2, "last": 3},
        {"org": PROVIDER, "sides": ["consumer"], "first": 900},
        {"first": 3, "last": 4, "filter": {"outcome": "deny"}},
    ],
    ids=["whole log", "before all", "after all", "two numbers", "numbers never reached", "indices"],
)
async def test_every_range_that_can_be_asked_for_is_proven(
    shared_world: World, policy: bytes, tmp_path: Path, asked: dict[str, Any]
) -> None:
    (tmp_path / "pack.zip").write_bytes(await pack_of(shared_world, **asked))
    report = pack(tmp_path / "pack.zip", policy).members
    assert report["ok"], report


async def test_a_download_that_was_cut_is_resumed_and_each_part_is_on_record(shared_world: World) -> None:
    made = (await shared_world.as_("auditor", "POST", "/v1/audit/exports", {"org": CONSUMER})).ok()
    path = f"/v1/audit/exports/{made['id']}"
    (await shared_world.as_("auditor", "GET", f"{path}/pack")).refused(409, "export-not-ready")
    ready = await ended(shared_world, path)
    assert (ready["state"], ready["rows_done"]) == ("done", ready["rows"])
    whole = await shared_world.as_("auditor", "GET", f"{path}/pack")
    tag, length = whole.headers["ETag"], len(whole.ok())
    digest = hashlib.sha256(whole.body)
    assert (tag, ready["sha256"], ready["bytes"]) == (f'"{digest.hexdigest()}"', digest.hexdigest(), length)
    assert whole.headers["Content-Length"] == str(length)
    assert whole.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    for asked, first, beyond in (
        ("bytes=100-", 100, length),
        ("bytes=0-9", 0, 10),
        ("bytes=-7", length - 7, length),
    ):
        part = await taken(shared_world, path, Range=asked, **{"If-Range": tag})
        assert (part.status, part.body) == (206, whole.body[first:beyond])
        assert part.headers["Content-Range"] == f"bytes {first}-{beyond - 1}/{length}"
    other = await taken(shared_world, path, Range="bytes=100-", **{"If-Range": '"another"'})
    assert (other.status, other.body) == (200, whole.body)
    beyond = await taken(shared_world, path, Range=f"bytes={length}-")
    beyond.refused(416, "range-outside")
    assert beyond.headers["Content-Range"] == f"bytes */{length}"
    events = await shared_world.audit(limit="30")
    released = [
        (one["detail"]["first_byte"], one["detail"]["bytes"])
        for one in events
        if one["type"] == "audit.export_taken" and one["object"]["id"] == made["id"]
    ]
    assert sorted(released) == sorted(
        [(0, length), (100, length - 100), (0, 10), (length - 7, 7), (0, length)]
    )


async def taken(world: World, path: str, **headers: str) -> Any:
    """A part of a pack."""
    token = await world.token_of("auditor")
    return await world.send("GET", f"{world.control}{path}/pack", token=token, headers=headers)


async def ended(world: World, path: str) -> dict[str, Any]:
    """The export, once it goes on no more by itself."""
    async with asyncio.timeout(20):
        while (found := (await world.as_("auditor", "GET", path)).ok())["state"] in ("queued", "running"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return dict(found)


async def test_what_is_deleted_cannot_be_fetched_nor_deleted_again(shared_world: World) -> None:
    made = (await shared_world.as_("auditor", "POST", "/v1/audit/exports", {"org": CONSUMER})).ok()
    path = f"/v1/audit/exports/{made['id']}"
    await ended(shared_world, path)
    assert (await shared_world.as_("auditor", "DELETE", path)).ok()["state"] == "destroyed"
    for method, at in (("GET", f"{path}/pack"), ("DELETE", path)):
        (await shared_world.as_("auditor", method, at)).refused(410, "export-ended")
    shown = (await shared_world.as_("auditor", "GET", "/v1/audit/exports?limit=3")).ok()["items"]
    assert (shown[0]["id"], shown[0]["state"], shown[0]["reason"]) == (made["id"], "destroyed", "deleted")
    events = await shared_world.audit(limit="5", type="audit.export_ended")
    assert [one["reason"] for one in events if one["object"]["id"] == made["id"]] == ["deleted"]


async def test_a_pack_larger_than_one_may_be_is_given_up_and_there_is_a_limit_to_exports(
    database: Any,
) -> None:
    async with running_world(database, exports={"records_max": 3, "kept_max": 2}) as world:
        made = (await world.as_("auditor", "POST", "/v1/audit/exports", {})).ok()
        path = f"/v1/audit/exports/{made['id']}"
        found = await ended(world, path)
        assert (found["state"], found["reason"], found["ready"]) == ("failed", "pack-too-large", False)
        (await world.as_("auditor", "GET", f"{path}/pack")).refused(410, "export-ended")
        few = {"org": CONSUMER, "sides": ["consumer"], "first": 900}
        kept = [(await world.as_("auditor", "POST", "/v1/audit/exports", few)).ok()["id"] for _ in range(2)]
        (await world.as_("auditor", "POST", "/v1/audit/exports", few)).refused(429, "too-many-exports")
        (await world.as_("auditor", "DELETE", f"/v1/audit/exports/{kept[0]}")).ok()
        (await world.as_("auditor", "POST", "/v1/audit/exports", few)).ok()
