"""mission row 15, 存证查证、见证留痕: what an auditor carries away proves an exchange to anybody, and one changed bit is found.

The auditor has the exported files, the log's public key and the checker file; no gateway, no database, no network.
"""

import asyncio
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from office import sealed_office
from proofs import assertion
from world import CONSUMER, PLATFORM, PROVIDER, another, http_mount, provider_service

from gateway.audit.rollover.model import log_signer
from gateway.cli.audit_trust import checker_bytes


@dataclass
class Carried:
    """The auditor's folder, and what it asks about."""

    folder: Path
    request: str

    def check(self, pack: str, *more: str) -> tuple[int, Any]:
        """What the checker says in a process of its own, away from the repository."""
        words = ["pack", "verify", pack, "--policy", "policy.txt", *more, "--json"]
        ran = subprocess.run(
            [sys.executable, "-I", "checker", *words],
            cwd=self.folder,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return ran.returncode, json.loads(ran.stdout)

    def copy(self, name: str) -> Path:
        """The pack as a folder of files, to be spoiled."""
        with zipfile.ZipFile(self.folder / "pack.zip") as archive:
            archive.extractall(self.folder / name)
        return self.folder / name


async def test_an_exchange_is_proven_by_files_and_a_public_key_alone(database: Any, tmp_path: Path) -> None:
    async with sealed_office(database, tmp_path) as office, provider_service() as (base, _):
        world, described = office.world, another()
        resource = await world.publish(described, http_mount(base))
        application = await office.filed(resource)
        document = await office.document(application)
        stamp = office.consumer.stamp(document, office.now)
        (await office.stamp(application, stamp)).ok()
        (await office.accept(application)).ok()
        granted = office.approval(daily_quota=10)
        (await office.provider_does(application, "approve/draft", granted)).ok()
        decision = await office.document(application, "decision-document", "provider")
        (await office.stamp_decision(application, office.provider.stamp(decision, office.now))).ok()
        (await office.provider_does(application, "approve", granted)).ok()
        proof = assertion(world.gateway.issuer, world.keys["registration"], office.now.timestamp())
        token = await world.access_token("registration", described["service"], client_assertion=proof)
        asked = {"parameters": {"uscc": PROVIDER}}
        answer = await world.call(token, described["service"], asked)
        answer.ok()
        await world.call(token, described["service"], asked)

        export = (
            await world.as_(
                "auditor", "POST", "/v1/audit/exports",
                {"org": PROVIDER, "sides": ["provider"], "filter": {"type": "call.released"}, "tables": ["csv", "xlsx"]},
            )
        ).ok()["id"]  # fmt: skip
        async with asyncio.timeout(20):
            while not (await world.as_("auditor", "GET", f"/v1/audit/exports/{export}")).body.get("ready"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        pack = (await world.as_("auditor", "GET", f"/v1/audit/exports/{export}/pack")).ok()
        numbers = {one["id"]: one for one in await world.audit(provider_org=PROVIDER)}

    held = tmp_path / "held"
    held.mkdir()
    (held / "pack.zip").write_bytes(pack)
    (held / "application.json").write_bytes(document)
    (held / "application.stamp").write_bytes(stamp)
    (held / "checker").write_bytes(checker_bytes())
    (held / "policy.txt").write_text(
        f"log {log_signer(PLATFORM, database.master_key).key}\nquorum none\n", "utf-8"
    )
    carried = Carried(held, answer.headers["Request-Id"])

    # This response happened, then, under this grant, approved by this person on this sealed application.
    code, said = carried.check(
        "pack.zip",
        "--response",
        carried.request,
        "--document",
        "application.json",
        "--stamp",
        "application.stamp",
    )
    assert (code, said["ok"]) == (0, True), said
    links = {one["as"]: one for one in said["response"]["links"]}
    assert [*links] == ["response", "intent", "grant", "decision", "application", "stamp"]
    assert said["response"]["whole"]
    assert links["response"]["request_id"] == carried.request
    assert links["response"]["grant_id"] == links["grant"]["grant_id"]
    assert (links["decision"]["by"], links["decision"]["org"]) == ("provider", PROVIDER)
    assert (links["application"]["by"], links["application"]["org"]) == ("requester", CONSUMER)
    assert links["application"]["application_id"] == application == links["stamp"]["application_id"]
    assert [one["on"] for one in said["response"]["links"] if one["as"] == "stamp"] == [
        "application",
        "decision",
    ]
    assert said["response"]["beside"] == ["document", "stamp"]

    # The export is complete: every number of the department from the first to the export itself.
    assert said["ranges"] == [{"side": "provider", "first": 1, "last": said["ranges"][0]["last"]}]
    assert said["matching"] == sum(one["type"] == "call.released" for one in numbers.values()) == 2
    assert said["hidden"] > 0

    # One changed bit is found, in any file, and where.
    for name, place in places(carried.copy("good")):
        spoiled = carried.copy(f"{name}-{place}") / name
        content = bytearray(spoiled.read_bytes())
        content[place] ^= 1
        spoiled.write_bytes(bytes(content))
        code, said = carried.check(f"{name}-{place}")
        assert (code, said["ok"]) == (1, False)
        assert said["place"]["file"] == name, said
        if name == "records.ndjson":
            assert said["place"]["line"] == content[:place].count(b"\n") + 1, said

    # So is a record that was left out, and an application other than the sealed one.
    short = carried.copy("short") / "records.ndjson"
    short.write_bytes(b"".join(short.read_bytes().splitlines(keepends=True)[:-2]))
    assert carried.check("short")[0] == 1
    code, said = carried.check(
        "pack.zip",
        "--response",
        carried.request,
        "--stamp",
        "application.stamp",
        "--stamp",
        "application.json",
    )
    assert (code, said["reason"]) == (1, "stamp")
    (held / "application.json").write_bytes(document.replace(b"real-estate", b"real-estatf"))
    code, said = carried.check("pack.zip", "--response", carried.request, "--document", "application.json")
    assert (code, said["reason"]) == (1, "document")


def places(folder: Path) -> list[tuple[str, int]]:
    """A byte in the middle of every file but the list, and three of the records."""
    sizes = {one.name: one.stat().st_size for one in sorted(folder.iterdir()) if one.name != "pack.json"}
    return [(name, size // 2) for name, size in sizes.items()] + [
        ("records.ndjson", sizes["records.ndjson"] * part // 5) for part in (1, 4)
    ]
