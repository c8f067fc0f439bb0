"""A large file through the gateway: memory above idle, seconds, and processor time per MiB.

    python ops/bench/files.py [--mebibytes 2048]

From a checkout with the development requirements: it uses the tests' departments and people. One process with everything on
(calls, control, integrator) and an embedded PostgreSQL; the file is random, in the department's folder. One caller in the same
process throws the bytes away, so memory and time are the two together. Memory is VmRSS, read every 20 ms; idle is what it is
after a small file was fetched. The first download reads the file twice (digests, then the answer), the second once, the
third is a resumed second half. Every MiB is a durable record before it leaves.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import structlog
from throwaway import throwaway_server

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from world import PROVIDER, World, another, running_world

from gateway.storage.migrate import migrate

KEY = bytes(32)
MEBIBYTE = 1 << 20


def resident() -> float:
    """Of this process, in MB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


async def granted(world: World) -> tuple[str, str]:
    """Publish and grant the folder's files; the address of the service and a token."""
    name = {"name": "name", "title": "文件", "kind": "text", "controlled": True}
    what = another(mode="file", format="electronic_file", parameters=[name])
    resource = await world.publish(what, {"kind": "folder", "path": "{name}"})
    await world.granted(resource, mode="file", fields=[item["name"] for item in what["items"]])
    token = await world.access_token("registration", what["service"])
    return f"{world.exchange}/services/{what['service']}", token


async def fetch(world: World, place: tuple[str, str], name: str, **headers: str) -> dict[str, Any]:
    """Fetch and throw away; seconds, processor seconds, bytes and the most memory on the way."""
    most, over = resident(), asyncio.Event()

    async def watch() -> None:
        nonlocal most
        while not over.is_set():
            most = max(most, resident())
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    url, token = place
    began, spent, size = time.perf_counter(), time.process_time(), 0
    sent = {"Authorization": f"Bearer {token}", **headers}
    async with world.session.post(
        url, json={"parameters": {"name": name}}, headers=sent, timeout=None
    ) as answer:
        assert answer.status in (200, 206), await answer.text()
        async for chunk in answer.content.iter_any():
            size += len(chunk)
    over.set()
    await watching
    took = time.perf_counter() - began
    return {"bytes": size, "seconds": took, "processor": time.process_time() - spent, "most_mb": most}


async def measure(dsn: str, folder: Path, mebibytes: int) -> None:
    """Print one line per download."""
    own = folder / PROVIDER
    own.mkdir()
    (own / "small").write_bytes(b"x")
    with (own / "large").open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(MEBIBYTE))
    await migrate(dsn, "bench", KEY)
    database = SimpleNamespace(owner_dsn=dsn, prefix="bench", master_key=KEY)
    async with running_world(database, exchange={"files_dir": folder}) as world:
        place = await granted(world)
        await fetch(world, place, "small")
        idle = resident()
        print(f"idle: {idle:.0f} MB")
        half = mebibytes // 2 * MEBIBYTE
        for name, headers in (("first", {}), ("second", {}), ("resumed half", {"Range": f"bytes={half}-"})):
            found = await fetch(world, place, "large", **headers)
            size = found["bytes"] / MEBIBYTE
            print(
                f"{name}: {size:.0f} MiB in {found['seconds']:.1f} s, {found['processor'] / size * 1000:.1f} ms of processor "
                f"per MiB, at most {found['most_mb'] - idle:.0f} MB above idle"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mebibytes", type=int, default=2048)
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with throwaway_server() as dsn, tempfile.TemporaryDirectory(prefix="gxf") as folder:
        asyncio.run(measure(dsn, Path(folder), asked.mebibytes))


if __name__ == "__main__":
    main()
