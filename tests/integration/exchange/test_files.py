"""文件: a file given as it is, from a folder or an object store; read through and scanned before its first byte leaves."""

import base64
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from clam import EICAR, Clam, scanning
from store import BUCKET, KEY, REGION, SECRET, Store, object_store
from world import PROVIDER, Answer, World, another, running_world

CONTENT = os.urandom(300_000)
MONTH = {"name": "month", "title": "月份", "kind": "text", "controlled": True}


@pytest.fixture(scope="module")
async def clam() -> AsyncIterator[Clam]:
    async with scanning() as made:
        yield made


@pytest.fixture(scope="module")
async def store() -> AsyncIterator[Store]:
    async with object_store() as made:
        made.objects["月报/2026-01.zip"] = CONTENT
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider's own folder of the gateway's files."""
    made = tmp_path_factory.mktemp("files") / PROVIDER
    (made / "reports").mkdir(parents=True)
    (made / "reports" / "2026-01.zip").write_bytes(CONTENT)
    (made.parent / "outside.zip").write_bytes(b"of another department")
    return made


@pytest.fixture(scope="module")
async def world(shared_database: Any, folder: Path, clam: Clam) -> AsyncIterator[World]:
    """A gateway whose segments are small."""
    limits = {"segment_bytes": 65536, "files_dir": folder.parent, "scanner": clam.address}
    async with running_world(shared_database, exchange=limits) as made:
        yield made


def folder_mount(**changes: Any) -> dict[str, Any]:
    return {"kind": "folder", "path": "reports/{month}.zip", "media_type": "application/zip", **changes}


def bucket_mount(store: Store, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "s3", "endpoint": store.base, "bucket": BUCKET, "region": REGION, "access_key": KEY,
        "secret_key": SECRET, "path": "月报/{month}.zip", "media_type": "application/zip", **changes,
    }  # fmt: skip


async def granted_file(world: World, mount: dict[str, Any], **asked: Any) -> tuple[str, str]:
    """Publish and grant a file; its service and a token."""
    what = another(mode="file", format="electronic_file", parameters=[MONTH])
    resource = await world.publish(what, mount)
    fields = [item["name"] for item in what["items"]]
    await world.granted(resource, mode="file", **{"fields": fields, **asked})
    return what["service"], await world.access_token("registration", what["service"])


async def fetched(world: World, granted: tuple[str, str], month: str = "2026-01", **headers: str) -> Answer:
    service, token = granted
    url, body = f"{world.exchange}/services/{service}", {"parameters": {"month": month}}
    return await world.send("POST", url, token=token, headers=headers, json=body)


async def test_a_file_comes_whole_with_its_digests_and_a_record_before_each_segment(world: World) -> None:
    granted = await granted_file(world, folder_mount(sha256=hashlib.sha256(CONTENT).hexdigest()))
    answer = await fetched(world, granted)
    assert (answer.status, answer.body) == (200, CONTENT)
    sha256, sm3 = hashlib.sha256(CONTENT), hashlib.new("sm3", CONTENT)
    said = answer.headers
    assert said["Content-Length"] == str(len(CONTENT))
    assert said["Content-Type"] == "application/zip"
    assert said["Content-Disposition"] == "attachment; filename*=UTF-8''2026-01.zip"
    assert said["Repr-Digest"] == f"sha-256=:{base64.b64encode(sha256.digest()).decode()}:"
    assert said["Repr-Digest-SM3"] == sm3.hexdigest()
    assert said["ETag"] == f'"{sha256.hexdigest()}"'
    events = await world.audit(request_id=said["Request-Id"])
    kinds = [event["type"] for event in events]
    assert kinds == ["call.intended", *["call.segment"] * 5, "call.released"]
    nonce = bytes.fromhex(said["Receipt-Nonce"])
    second = CONTENT[65536:131072]
    assert events[2]["detail"]["answer"] == hashlib.sha256(nonce + second).hexdigest()
    whole = events[-1]["detail"]
    assert (whole["file"], whole["file_sm3"]) == (sha256.hexdigest(), sm3.hexdigest())
    assert whole["answer"] == hashlib.sha256(nonce + CONTENT).hexdigest()


@pytest.mark.parametrize("kind", ["folder", "s3"])
async def test_a_broken_download_is_resumed_where_it_ended(kind: str, world: World, store: Store) -> None:
    granted = await granted_file(world, folder_mount() if kind == "folder" else bucket_mount(store))
    first = await fetched(world, granted, Range="bytes=0-99999")
    assert (first.status, first.headers["Content-Range"]) == (206, f"bytes 0-99999/{len(CONTENT)}")
    tag = first.headers["ETag"]
    rest = await fetched(world, granted, Range="bytes=100000-", **{"If-Range": tag})
    assert (rest.status, first.body + rest.body) == (206, CONTENT)
    last = await fetched(world, granted, Range="bytes=-5")
    assert (last.status, last.body) == (206, CONTENT[-5:])
    other = await fetched(world, granted, Range="bytes=5-", **{"If-Range": '"another"'})
    assert (other.status, other.body) == (200, CONTENT)
    outside = await fetched(world, granted, Range=f"bytes={len(CONTENT)}-")
    assert outside.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    outside.refused(416, "range-outside")
    assert (await fetched(world, granted, Range="lines=1-2")).body == CONTENT
    for wrong in ("bytes=-", "bytes=0-1,5-6", "bytes=a-"):
        (await fetched(world, granted, Range=wrong)).refused(400, "malformed")
    if kind == "s3":
        assert ("GET", "bytes=100000-165535") in store.asked


async def test_a_path_leads_to_nothing_but_files_of_the_department(world: World, folder: Path) -> None:
    granted = await granted_file(world, folder_mount())
    for value in ("../outside", "..", ".hidden", "a/b", "a\\b"):
        (await fetched(world, granted, value)).refused(422, "parameter-wrong")
    (await fetched(world, granted, "2026-02")).refused(404, "file-not-there")
    (folder / "reports" / "link.zip").symlink_to(folder.parent / "outside.zip")
    (folder / "reports" / "folder.zip").mkdir()
    os.mkfifo(folder / "reports" / "pipe.zip")
    for value in ("link", "folder", "pipe"):
        problem = (await fetched(world, granted, value)).refused(502, "upstream-invalid")
        assert str(folder) not in str(problem)
    (folder / "linked").symlink_to(folder / "reports")
    granted = await granted_file(world, folder_mount(path="linked/{month}.zip"))
    (await fetched(world, granted)).refused(502, "upstream-invalid")


async def test_a_file_is_scanned_once_and_malware_never_leaves(
    world: World, folder: Path, clam: Clam
) -> None:
    granted = await granted_file(world, folder_mount())
    (folder / "reports" / "clean.zip").write_bytes(b"clean" * 1000)
    (folder / "reports" / "bad.zip").write_bytes(b"x" * 100_000 + EICAR)
    before = len(clam.seen)
    for _ in range(2):
        assert (await fetched(world, granted, "clean")).status == 200
    assert clam.seen[before:] == [5000]
    problem = (await fetched(world, granted, "bad")).refused(502, "file-infected")
    assert "Eicar-Signature" in problem["detail"]
    (folder / "reports" / "clean.zip").write_bytes(EICAR)
    (await fetched(world, granted, "clean")).refused(502, "file-infected")
    (folder / "reports" / "large.zip").write_bytes(bytes(100_001))
    clam.most = 100_000
    (await fetched(world, granted, "large")).refused(503, "file-not-scanned")
    clam.most = 10_000_000


async def test_a_file_that_changes_on_its_way_is_cut_off(world: World, folder: Path) -> None:
    place = folder / "reports" / "long.zip"
    place.write_bytes(bytes(9_000_000))
    service, token = await granted_file(world, folder_mount())
    url, headers = f"{world.exchange}/services/{service}", {"Authorization": f"Bearer {token}"}
    body = {"parameters": {"month": "long"}}
    async with world.session.post(url, json=body, headers=headers) as answer:
        await answer.content.readany()
        with place.open("r+b") as file:
            file.write(b"another")
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    events = await world.audit(request_id=answer.headers["Request-Id"], limit="1")
    assert (events[-1]["type"], events[-1]["reason"]) == ("call.failed", "upstream-invalid")


async def test_an_object_is_read_under_a_signature_and_its_key_is_shown_nowhere(
    world: World, store: Store, capfd: pytest.CaptureFixture[str]
) -> None:
    granted = await granted_file(world, bucket_mount(store))
    answer = await fetched(world, granted)
    assert (answer.status, answer.body) == (200, CONTENT)
    assert answer.headers["Repr-Digest-SM3"] == hashlib.new("sm3", CONTENT).hexdigest()
    (await fetched(world, granted, "2026-09")).refused(404, "file-not-there")
    wrong = await granted_file(world, bucket_mount(store, secret_key="canary/other+key"))
    problem = (await fetched(world, wrong)).refused(502, "upstream-status")
    said = capfd.readouterr()
    assert "canary/" not in str(problem) + str(await world.audit()) + said.out + said.err


async def test_a_grant_of_some_items_does_not_open_the_file(world: World) -> None:
    granted = await granted_file(world, folder_mount(), fields=["uscc", "name"])
    (await fetched(world, granted)).refused(403, "file-holds-more")


async def test_a_file_other_than_the_pinned_one_does_not_leave(world: World) -> None:
    granted = await granted_file(world, folder_mount(sm3="0" * 64))
    (await fetched(world, granted)).refused(502, "upstream-invalid")


async def test_a_trial_reads_the_file_through(world: World) -> None:
    made = (
        await world.as_(
            "provider",
            "POST",
            "/v1/resources",
            another(mode="file", format="electronic_file", parameters=[MONTH]),
        )
    ).ok()
    one = f"/v1/resources/{made['id']}"
    (await world.as_("provider", "PUT", f"{one}/mount", {"mount": folder_mount()})).ok()
    tried = (
        await world.as_("provider", "POST", f"{one}/mount/test", {"parameters": {"month": "2026-01"}})
    ).ok()
    assert tried["fits"]
    missing = (
        await world.as_("provider", "POST", f"{one}/mount/test", {"parameters": {"month": "2020-01"}})
    ).ok()
    assert not missing["fits"]
