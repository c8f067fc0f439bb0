"""mission row 9, 级联: one application asks for a national resource; its upper status and code are visible; an outage of
the upper platform loses nothing, keeps the order, and stops no local clock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from upper import APP_KEY, NATIONAL_SERVICE, UpperPlatform, platform_file, upper_platform
from world import PROVIDER, World, another, http_mount, provider_service, running_world

UPPER_CODE = "301001000001/000001"
WAIT_SECONDS = 60


@asynccontextmanager
async def cascading(
    database: Any, folder: Path, **changes: Any
) -> AsyncIterator[tuple[World, UpperPlatform]]:
    """A city's gateway below a national platform whose key it was given."""
    settings = {"tick_seconds": 0.1, "calls_url": "http://share.example.test"}
    async with upper_platform() as upper:
        upper.mode = changes.pop("mode", "ecb")
        settings["folder"] = str(platform_file(folder / "platforms", upper, **changes))
        async with running_world(database, federation=settings) as world:
            key = {"key": APP_KEY}
            (await world.as_("security-admin", "PUT", "/v1/cascade/platforms/national/key", key)).ok()
            yield world, upper


async def until(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """What is shown once that holds."""
    shown: Any = None
    async with asyncio.timeout(WAIT_SECONDS):
        while not holds(shown := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return shown


async def reports(world: World, **query: str) -> list[dict[str, Any]]:
    """What was told above, oldest first."""
    path = "/v1/cascade/objects?" + "&".join(f"{name}={value}" for name, value in query.items())
    return list(reversed((await world.as_("platform-admin", "GET", path)).ok()["items"]))


async def go_up(world: World, application: str, **changes: Any) -> Any:
    body = {"platform": "national", "upper_resource_code": UPPER_CODE, **changes}
    return await world.as_("platform-admin", "POST", f"/v1/applications/{application}/cascade", body)


async def accepted(world: World) -> str:
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    filed = (await world.file(resource)).ok()["id"]
    await world.accept(filed)
    return str(filed)


async def test_an_application_goes_up_and_its_upper_code_status_and_decision_are_seen_by_who_filed_it(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path, report_catalogue=False) as (world, upper):
        application = await accepted(world)
        clocks = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()["clocks"]
        assert (await go_up(world, application)).ok()["state"] == "queued"
        (await go_up(world, application)).refused(409, "already-cascaded")

        async def above() -> Any:
            return (await world.as_("requester", "GET", f"/v1/applications/{application}/cascade")).ok()[
                "items"
            ][0]

        seen = await until(
            above, lambda shown: shown["state"] == "reported" and shown["upper_status"] == "受理中"
        )
        assert seen["upper_code"] == "GJ-0001"
        assert seen["upper_id"] == upper.id_of("s_sys_supply002", application)
        assert seen["upper_resource_code"] == UPPER_CODE
        (form,) = upper.told("s_sys_supply002")
        assert form["resourceCode"] == UPPER_CODE
        assert form["applyDept"] == "自然资源局"
        assert form["useBasis"] == "《不动产登记暂行条例》第二十五条"
        assert form["signOff"]["name"] == "王某"
        upper.decisions[application] = {
            "status": "同意",
            "code": "GJ-0001-SQ",
            "opinion": "同意用于不动产登记",
        }
        decided = await until(above, lambda shown: shown["state"] == "approved")
        assert (decided["upper_status"], decided["upper_said"]) == ("同意", "同意用于不动产登记")
        assert decided["upper_code"] == "GJ-0001-SQ"
        assert decided["answered_at"]
        events = await world.audit(application_id=application)
        told = [event for event in events if event["type"].startswith("cascade.")]
        assert next(event["type"] for event in told) == "cascade.started"
        assert told[-1]["detail"]["upper_said"] == "同意用于不动产登记"
        assert told[-1]["id"] == decided["audit_id"]
        after = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()["clocks"]
        dues = [(clock["rule"], clock.get("due_date"), clock["state"]) for clock in after]
        assert dues == [(clock["rule"], clock.get("due_date"), clock["state"]) for clock in clocks]
        assert upper.forged == []


async def test_after_the_upper_approval_the_local_one_opens_calls_to_the_national_service(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path, report_catalogue=False) as (world, upper):
        described, service = another(), {"platform": "national", "service": NATIONAL_SERVICE}
        mount = {
            "kind": "http", "url": f"{upper.base}/httpproxy?uscc={{uscc}}", "records_at": "/data", "upper": service,
        }  # fmt: skip
        resource = await world.publish(described, mount)
        application = (await world.file(resource)).ok()["id"]
        await world.accept(application)
        (await go_up(world, application)).ok()
        upper.decisions[application] = {"status": "同意", "opinion": "同意"}
        await until(lambda: reports(world, state="approved"), bool)
        await world.approve(application)
        token = await world.access_token("registration", described["service"])
        answer = await world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "国家库企业"}]
        assert upper.told(NATIONAL_SERVICE) == [{"uscc": PROVIDER}]
        upper.secret = "another-day"
        again = {"parameters": {"uscc": PROVIDER}}
        (await world.call(token, described["service"], again)).refused(502, "upstream-status")
        (await world.call(token, described["service"], again)).ok()
        assert upper.forged == [NATIONAL_SERVICE]


async def test_a_signature_goes_to_its_platform_and_nowhere_else(database: Any, tmp_path: Path) -> None:
    async with (
        cascading(database, tmp_path, report_catalogue=False) as (world, _),
        provider_service() as (base, seen),
    ):
        for platform, status, slug in (
            ("national", 502, "upstream-invalid"),
            ("elsewhere", 503, "upper-not-ready"),
        ):
            described = another()
            service = {"platform": platform, "service": NATIONAL_SERVICE}
            await world.granted(await world.publish(described, http_mount(base, upper=service)))
            token = await world.access_token("registration", described["service"])
            answer = await world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})
            answer.refused(status, slug)
        assert seen == []


async def test_only_an_application_that_passed_the_review_goes_up(database: Any, tmp_path: Path) -> None:
    async with cascading(database, tmp_path, report_catalogue=False) as (world, upper):
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        filed = (await world.file(resource)).ok()["id"]
        (await go_up(world, filed)).refused(409, "not-accepted")
        (await go_up(world, filed, platform="elsewhere")).refused(404, "no-such-platform")
        assert upper.told("s_sys_supply002") == await reports(world) == []


async def test_an_outage_loses_nothing_keeps_the_order_and_stops_no_local_clock(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path) as (world, upper):
        upper.silent = True
        application = await accepted(world)
        (await go_up(world, application)).ok()
        described = another()
        resource = await world.publish(described, http_mount("http://127.0.0.1:9"))
        code = described["code"]

        async def queued() -> Any:
            return await reports(world, state="queued")

        waiting = await until(
            queued, lambda all_: len(all_) >= 5 and any(one["attempts"] >= 2 for one in all_)
        )
        assert all(one["fault"] for one in waiting if one["attempts"])
        standing = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()
        assert {clock["state"] for clock in standing["clocks"] if clock["actor"] == "provider"} <= {
            "running",
            "waiting",
        }
        assert any(clock["state"] == "running" for clock in standing["clocks"])
        (
            await world.as_("provider", "POST", f"/v1/resources/{resource}/withdraw", {"reason": "机构调整"})
        ).ok()
        await until(queued, lambda all_: sum(one["object_id"] == code for one in all_) == 3)
        assert upper.heard == []
        upper.silent = False
        assert await until(queued, lambda all_: not all_) == []
        ours = [body["opType"] for body in upper.told("s_sys_catalog002") if body["cataCode"] == code]
        assert ours == ["put", "delete"]
        (registered,) = [body for body in upper.told("s_sys_service003") if body["cataCode"] == code]
        put = next(body for body in upper.told("s_sys_catalog002") if body["cataCode"] == code)
        assert registered["cataId"] == upper.id_of("s_sys_catalog002", f"{code}@{put['version']}")
        assert registered["url"] == f"http://share.example.test/services/{described['service']}"
        order = [body.get("opType", "service") for _, body in upper.heard
                 if body.get("cataCode") == code]  # fmt: skip
        assert order == ["put", "service", "delete"]
        assert upper.told("s_sys_supply002")[0]["applyNo"] == application


async def test_an_answer_that_got_lost_leads_to_one_entry_above_not_two(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path, report_resources=False) as (world, upper):
        upper.losing_answers = 2
        described = another()
        await world.publish(described, http_mount("http://127.0.0.1:9"))
        done = await until(lambda: reports(world, state="reported"), lambda all_: len(all_) == 1)
        assert len(upper.told("s_sys_catalog002")) >= 2
        assert len(upper.kept) == 1
        assert done[0]["upper_id"] == next(iter([upper.id_of(*key) for key in upper.kept]))
        (entry,) = upper.kept.values()
        assert (entry["cata_title"], entry["updateCycle"], entry["sharedType"]) == (
            described["name"],
            "每日",
            "1",
        )
        assert [item["name"] for item in entry["items"]] == ["uscc", "name", "legal_person", "capital"]


async def test_a_report_the_platform_rejects_waits_for_a_person_and_can_be_sent_again(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path, report_resources=False) as (world, upper):
        upper.refusing["s_sys_catalog002"] = ("E-106", "不在授权清单内")
        await world.publish(another(), http_mount("http://127.0.0.1:9"))
        (no,) = await until(lambda: reports(world, state="rejected"), lambda all_: len(all_) == 1)
        assert "E-106 不在授权清单内" in no["fault"]
        path = f"/v1/cascade/objects/{no['id']}/retry"
        upper.refusing.clear()
        (await world.as_("platform-admin", "POST", path)).ok()
        await until(lambda: reports(world, state="reported"), lambda all_: len(all_) == 1)
        (await world.as_("platform-admin", "POST", path)).refused(409, "nothing-to-retry")
        types = [event["type"] for event in await world.audit(type="cascade.retried")]
        assert types == ["cascade.retried"]


async def test_a_fault_in_an_upper_entry_goes_to_its_owner_and_the_answer_comes_back(
    database: Any, tmp_path: Path
) -> None:
    async with cascading(database, tmp_path, report_catalogue=False, mode="cbc") as (world, upper):
        body = {"platform": "national", "upper_resource_code": UPPER_CODE, "problem": "更新周期与实际不符"}
        made = (await world.as_("requester", "POST", "/v1/cascade/corrections", body)).ok()

        async def mine() -> Any:
            return (await world.as_("requester", "GET", f"/v1/cascade/objects/{made['id']}")).ok()

        await until(mine, lambda shown: shown["state"] == "reported")
        upper.decisions[made["object_id"]] = {"status": "已答复", "opinion": "已更正为每周"}
        assert (await until(mine, lambda shown: shown["state"] == "answered"))["upper_said"] == "已更正为每周"
        (await world.as_("provider", "GET", f"/v1/cascade/objects/{made['id']}")).refused(
            404, "no-such-cascade"
        )


async def test_class_codes_come_down(database: Any, tmp_path: Path) -> None:
    async with cascading(database, tmp_path, report_catalogue=False) as (world, _):

        async def classes() -> Any:
            return (await world.as_("requester", "GET", "/v1/cascade/classes?platform=national")).ok()[
                "items"
            ]

        found = await until(classes, bool)
        assert [(one["code"], one["name"], one.get("parent")) for one in found] == [
            ("1", "基础信息资源", None),
            ("102", "法人", "1"),
        ]
