"""What a sign-in costs, whether an unknown login can be told by its time, and what others feel of a crowd signing in.

    .venv/bin/python ops/bench/sign_in.py [--tries 150] [--json]

Method: one gateway process with the default settings on a throw-away embedded PostgreSQL, asked over HTTP by the same
process. Unknown logins and wrong passwords in random order, one at a time, each timed by wall clock: Welch's t of the two
(ASVS 5.0 6.3.8; below 4.5 they cannot be told apart). Then right passwords one after the other, and 60 of them at once while
another person asks for the own sessions: the slowest of those answers, and how many sign-ins were turned away (503).
"""

import argparse
import asyncio
import json
import os
import platform
import random
import time
from statistics import fmean, median, variance
from typing import Any

import aiohttp
import structlog
from throwaway import throwaway_server

from gateway.app import build
from gateway.names import Login
from gateway.settings import load
from gateway.storage.migrate import migrate

KEY = bytes(32)
ORG = "11621000MB00000011"
PASSWORD = "Wheat-Field-77"


class People:
    """The control API as people see it."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session, self.base = session, base

    async def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """Status and body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        more = {} if body is None else {"json": body}
        async with self.session.request(method, self.base + path, headers=headers, **more) as answer:
            return answer.status, await answer.json(content_type=None)

    async def register(self, login: str, token: str) -> None:
        """A requester with a password."""
        await self.ask(
            "POST", "/v1/people", {"login": login, "name": login, "org": ORG, "roles": ["requester"]}, token
        )
        _, issued = await self.ask(
            "POST", f"/v1/people/{login}/invitation", {"renew_second_factor": False}, token
        )
        body = {"login": login, "code": issued["code"], "password": PASSWORD}
        status, said = await self.ask("POST", "/v1/invitations/accept", body)
        assert status == 200, said

    async def sign_in(self, login: str, password: str = PASSWORD) -> tuple[int, Any]:
        return await self.ask("POST", "/v1/sign-in", {"login": login, "password": password})

    async def seconds(self, login: str, password: str) -> float:
        """Of one refused sign-in."""
        began = time.perf_counter()
        status, said = await self.sign_in(login, password)
        assert status == 401, said
        return time.perf_counter() - began


def welch(one: list[float], other: list[float]) -> float:
    """Welch's t of two samples."""
    return (fmean(one) - fmean(other)) / (variance(one) / len(one) + variance(other) / len(other)) ** 0.5


async def told_apart(people: People, logins: list[str], tries: int) -> dict[str, float]:
    """Medians in milliseconds, and Welch's t."""
    made_up = [f"{login}-x" for login in logins]
    order = [(known, at) for known in (True, False) for at in range(tries)]
    random.shuffle(order)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for known, at in order:
        login = (logins if known else made_up)[at % len(logins)]
        seconds[known].append(await people.seconds(login, "Barley-Field-78"))
    return {
        "wrong_password_ms": median(seconds[True]) * 1000, "unknown_login_ms": median(seconds[False]) * 1000,
        "welch_t": welch(seconds[True], seconds[False]),
    }  # fmt: skip


async def crowd(people: People, login: str, token: str) -> dict[str, float]:
    """60 at once, while another asks."""
    running = [asyncio.ensure_future(people.sign_in(login)) for _ in range(60)]
    slowest = 0.0
    while not all(one.done() for one in running):
        began = time.perf_counter()
        await people.ask("GET", "/v1/sessions", token=token)
        slowest = max(slowest, time.perf_counter() - began)
        await asyncio.sleep(0.02)
    answered = [one.result()[0] for one in running]
    return {
        "crowd_slowest_other_ms": slowest * 1000, "crowd_signed_in": answered.count(201),
        "crowd_turned_away": len(answered) - answered.count(201),
    }  # fmt: skip


async def measure(owner_dsn: str, tries: int) -> dict[str, float]:
    """All figures."""
    await migrate(owner_dsn, "bench", KEY)
    settings = load(
        listen={"exchange_port": 0, "control_port": 0, "metrics_port": 0}, storage={"login_prefix": "bench"},
        identity={"sign_in_free_max": 100}, monitoring={"enabled": False}, telemetry={"level": "error"},
    )  # fmt: skip
    async with build(settings, owner_dsn, KEY) as gateway, aiohttp.ClientSession() as session:
        assert gateway.identity is not None
        assert gateway.control is not None
        await gateway.identity.bootstrap(settings.platform)
        admin = (await gateway.identity.console_token(Login("security-admin")))[0]
        people, logins = People(session, gateway.control.url), [f"person-{at}" for at in range(4)]
        for login in logins:
            await people.register(login, admin)
        figures = await told_apart(people, logins[:3], tries)
        began, processor = time.perf_counter(), time.process_time()
        for _ in range(30):
            assert (await people.sign_in(logins[3]))[0] == 201
        figures["sign_in_ms"] = (time.perf_counter() - began) / 30 * 1000
        figures["sign_in_processor_ms"] = (time.process_time() - processor) / 30 * 1000
        return figures | await crowd(people, logins[3], admin)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tries", type=int, default=150, help="refused sign-ins of each kind, at most 280")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with throwaway_server() as dsn:
        figures = asyncio.run(measure(dsn, given.tries))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    if given.as_json:
        print(json.dumps({"machine": machine, "tries": given.tries, **figures}))
        return
    print(f"{given.tries} tries of each kind; {machine}")
    for name, value in figures.items():
        print(f"{name:<24} {value:>8.1f}")


if __name__ == "__main__":
    main()
