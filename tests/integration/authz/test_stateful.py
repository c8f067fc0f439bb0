"""Random acts on one application by everybody, against the real service and database, compared with a naive model.

The service is asked over HTTP; the gateway runs in a thread with a loop of its own, because Hypothesis drives from outside.
``ACTS_EXAMPLES=10000`` tries as many runs, other ones each time.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from applying import REASONS, REFUSAL, WHY, act, published
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from makes import CONTROLLED, UNCONTROLLED
from world import World, form, running_world, sign_off

OPEN = ("filed", "accepted")
NOT_IN_STATE, UNKNOWN, WRONG_ROUTE = "application-not-in-state", "no-such-application", "wrong-route"
LACK = {"items": [{"part": "other", "reason": "缺少附件", "remedy": "请补交附件"}]}


class Served(threading.Thread):
    """A gateway with three resources, until it is told to stop."""

    def __init__(self, database: Any) -> None:
        super().__init__(name="gateway")
        self.database = database
        self.ready = threading.Event()
        self.resources: dict[str, str] = {}

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        try:
            self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
            async with running_world(self.database) as self.world:
                self.resources["department"] = await published(self.world, CONTROLLED)
                self.resources["direct"] = await published(self.world, UNCONTROLLED)
                standing = self.resources["standing"] = await published(self.world, UNCONTROLLED)
                path, body = (
                    f"/v1/resources/{standing}/standing-authorisation",
                    {"scope": "全部", "sign_off": sign_off()},
                )
                (await self.world.as_("provider", "PUT", path, body)).ok()
                self.ready.set()
                await self.stop.wait()
        finally:
            self.ready.set()

    def do(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Run something of the world in its loop."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(120)


@pytest.fixture(scope="module")
def served(shared_database: Any) -> Iterator[Served]:
    thread = Served(shared_database)
    thread.start()
    thread.ready.wait(300)
    assert len(thread.resources) == 3, "the gateway did not start"
    yield thread
    thread.loop.call_soon_threadsafe(thread.stop.set)
    thread.join(60)
    assert not thread.is_alive()


class Model:
    """What the law and the guide say, written down a second time without the table of moves."""

    def __init__(self, kind: str, complete: bool) -> None:
        self.direct, self.standing = kind != "department", kind == "standing"
        self.state, self.complete, self.version = "filed", complete, 1
        self.told: set[int] = set()
        self.reviewed = False

    def waits(self) -> bool:
        return self.version in self.told

    def expect(self, what: str, known: bool, complete: bool) -> str:
        """The slug of the refusal; empty where the act is done, which changes the model."""
        return str(getattr(self, what)(known, complete))

    def withdraw(self, _known: bool, _complete: bool) -> str:
        return self._to("withdrawn") if self.state in OPEN else NOT_IN_STATE

    def amend(self, _known: bool, complete: bool) -> str:
        if self.state not in OPEN:
            return NOT_IN_STATE
        if self.state == "accepted" and (self.direct or not complete):
            return WRONG_ROUTE if self.direct else "invalid"
        self.version, self.complete = self.version + 1, complete
        return ""

    def platform_notice(self, _known: bool, _complete: bool) -> str:
        return self._tell() if self.state == "filed" else NOT_IN_STATE

    def provider_notice(self, _known: bool, _complete: bool) -> str:
        return self._provider() or self._tell()

    def accept(self, known: bool, _complete: bool) -> str:
        if self.state != "filed" or not known:
            return NOT_IN_STATE if self.state != "filed" else "amended"
        if not self.complete:
            return "still-incomplete"
        self.reviewed = True
        return self._to("accepted")

    def not_accept(self, known: bool, _complete: bool) -> str:
        if self.state != "filed" or not known:
            return NOT_IN_STATE if self.state != "filed" else "amended"
        return self._untold() or self._to("not_accepted")

    def provide(self, _known: bool, _complete: bool) -> str:
        at_once = self.standing and self.complete and self.version == 1 and not self.waits()
        if self.state == "filed" and at_once:
            self.reviewed = True
            return self._to("provided")
        if self.state != "accepted":
            return NOT_IN_STATE
        return self._to("provided") if self.direct else WRONG_ROUTE

    def approve(self, known: bool, _complete: bool) -> str:
        return self._provider() or ("" if known else "amended") or self._to("approved")

    def refuse(self, known: bool, _complete: bool) -> str:
        return self._provider() or ("" if known else "amended") or self._untold() or self._to("refused")

    def _provider(self) -> str:
        if not self.reviewed:
            return UNKNOWN
        if self.state != "accepted":
            return NOT_IN_STATE
        return WRONG_ROUTE if self.direct else ""

    def _untold(self) -> str:
        told = not self.waits() and (self.complete or self.told)
        return "" if told else "not-told-yet"

    def _tell(self) -> str:
        if self.waits():
            return "told-already"
        self.told.add(self.version)
        return ""

    def _to(self, state: str) -> str:
        self.state = state
        return ""


OFTEN = ["accept", "accept", "accept", "approve", "approve", "refuse", "refuse", "amend", "amend", "provide"]
ACTS = st.sampled_from([*OFTEN, "platform_notice", "provider_notice", "not_accept", "withdraw"])
"""What leads on stands more often, so that most runs get beyond the review."""
KINDS = st.sampled_from(["department", "department", "direct", "standing"])
MOSTLY = st.sampled_from([True, True, False])


def machine(served: Served) -> type[RuleBasedStateMachine]:
    """The machine for one running gateway."""

    class Acts(RuleBasedStateMachine):
        @initialize(kind=KINDS, complete=MOSTLY)
        def file(self, kind: str, complete: bool) -> None:
            self.model, self.resource, self.quota = Model(kind, complete), served.resources[kind], 1
            answer = served.do(send(served.world, "POST", "/v1/applications", self.body(complete)))
            self.id = answer.ok()["id"]

        def body(self, complete: bool, **more: Any) -> dict[str, Any]:
            self.quota += 1
            lacking = {} if complete else {"basis": None, "incomplete": True}
            return form(self.resource, daily_quota=self.quota, **lacking, **more)

        @rule(what=ACTS, known=MOSTLY, complete=MOSTLY)
        def someone_acts(self, what: str, known: bool, complete: bool) -> None:
            version = self.model.version if known else self.model.version + 1
            expected = self.model.expect(what, known, complete)
            answer = served.do(act(served.world, self.id, *self.request(what, version, complete)))
            got = answer.body["type"].rpartition("/")[2] if answer.status >= 400 else ""
            assert (what, got) == (what, expected), answer.body

        def request(self, what: str, version: int, complete: bool) -> tuple[Any, ...]:
            seen = {"form_version": version}
            return {
                "amend": ("amend", {**self.body(complete), "because": "修改"}, "requester"),
                "platform_notice": ("notice", LACK, "platform-admin"),
                "provider_notice": ("notice", LACK, "provider"),
                "accept": ("review", {"accept": True, **seen}),
                "not_accept": ("review", {"accept": False, "reasons": REASONS, **seen}),
                "provide": ("provide",),
                "approve": ("approve", {"sign_off": sign_off(), **seen}),
                "refuse": ("refuse", {**REFUSAL, **seen}),
                "withdraw": ("withdraw", WHY),
            }[what]

        def teardown(self) -> None:
            if not hasattr(self, "id"):
                return
            shown = served.do(send(served.world, "GET", f"/v1/applications/{self.id}")).ok()
            model = self.model
            assert (shown["state"], shown["form_version"]) == (model.state, model.version)
            assert (shown["missing"] == [], len(shown["notices"])) == (model.complete, len(model.told))
            assert ("grant_id" in shown) is (model.state in ("provided", "approved"))
            assert ("waiting" in shown) is (model.state in OPEN)

    return Acts


def send(world: World, method: str, path: str, body: Any = None) -> Coroutine[Any, Any, Any]:
    """A request of the requester."""
    return world.as_("requester", method, path, body)


def test_whatever_everybody_tries_the_service_does_what_the_model_says(served: Served) -> None:
    run_state_machine_as_test(
        machine(served),
        settings=settings(
            max_examples=int(os.environ.get("ACTS_EXAMPLES", "100")), derandomize="ACTS_EXAMPLES" not in os.environ,
            stateful_step_count=12, database=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
