"""The control API against its own description: schemathesis sends what the document allows and what it forbids.

Schemathesis speaks through a blocking client, so the gateway runs in a thread with a loop of its own.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import positive_data_acceptance
from stage import BY_NAME, RIGHT, Stage, set_up
from world import running_world

from gateway.app import openapi

pytestmark = pytest.mark.unmeasured(
    reason="this thread only makes up requests; the gateway runs in another, which is measured"
)


@schemathesis.serializer(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/pkix-crl",
    "application/ocsp-response",
)
def as_bytes(_: object, value: Any) -> bytes:
    """Files are sent as whatever bytes come to mind."""
    return value if isinstance(value, bytes) else str(value).encode()


SCHEMA = schemathesis.openapi.from_dict(openapi())
EXCLUDED = [positive_data_acceptance]
"""A schema cannot say that a check digit is right, a key a point of its curve, a cursor ours or a department registered:
what it allows may still be refused with 422. That the right requests are accepted, the other tests of this folder show."""
IDS = {"resource_id": "draft", "application_id": "filed", "grant_id": "grant", "event_id": "event"}


class Served(threading.Thread):
    """A gateway with a stage, until it is told to stop."""

    def __init__(self, database: Any) -> None:
        super().__init__(name="gateway")
        self.database = database
        self.ready, self.stop = threading.Event(), threading.Event()
        self.url = ""
        self.tokens: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        try:
            async with running_world(self.database) as world:
                stage: Stage = await set_up(world)
                self.url, self.ids = world.control, stage.ids
                for right in RIGHT.values():
                    if right.login:
                        self.tokens[right.login] = await world.token_of(right.login)
                self.ready.set()
                await asyncio.to_thread(self.stop.wait)
        finally:
            self.ready.set()


@pytest.fixture(scope="module")
def served(shared_database: Any) -> Iterator[Served]:
    thread = Served(shared_database)
    thread.start()
    thread.ready.wait(300)
    assert thread.url, "the gateway did not start"
    yield thread
    thread.stop.set()
    thread.join(60)
    assert not thread.is_alive()


def headers_for(case: schemathesis.Case, served: Served) -> dict[str, str]:
    """A token of somebody the operation is for."""
    login = RIGHT[case.operation.definition.raw["operationId"]].login
    return {"Authorization": f"Bearer {served.tokens[login]}"} if login else {}


class Turn:
    """Whose turn it is. To make up the requests of all operations takes 20 s: a test makes up its own operation's."""

    operation_id = ""

    @classmethod
    def has(cls, context: Any) -> bool:
        return bool(context.operation.definition.raw["operationId"] == cls.operation_id)


@pytest.fixture(params=BY_NAME)
def document(request: pytest.FixtureRequest) -> Any:
    """The document, when it is the turn of one of its operations."""
    Turn.operation_id = request.param
    return SCHEMA


@schemathesis.pytest.from_fixture("document").include(Turn.has).parametrize()
@settings(
    max_examples=5, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_what_the_api_does_is_what_it_says(case: schemathesis.Case, served: Served) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        for name in case.path_parameters or {}:
            kept = IDS.get(name, name.removesuffix("_id"))
            if kept in served.ids:
                case.path_parameters[name] = served.ids[kept]
    if case.method.upper() != case.operation.method.upper():
        case.body = (
            NOT_SET  # a body on GET or DELETE is refused as malformed first: see integration/web/test_framing
        )
    # sheets are read in processes of their own, which take their time on a busy machine
    case.call_and_validate(
        base_url=served.url, headers=headers_for(case, served), excluded_checks=EXCLUDED, timeout=120
    )
