"""What the records of calls have in common is written out once and used again: never for another grant, plan, token or caller."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from gateway.audit import AuditLog, Cause, Form, Origin, Particulars, Written
from gateway.exchange import evidence as room
from gateway.exchange.evidence import Evidence, record_intent, record_release
from gateway.exchange.plans import Plan
from gateway.exchange.reading import Head
from gateway.identity import AccessToken
from gateway.proof.event import content_of
from gateway.web.api import Credentials

ORIGIN = Origin("node", UUID(int=9))


@dataclass
class Taken:
    """A log that only keeps the bytes it was given, as they would have been stored."""

    bodies: list[bytes] = field(default_factory=list)

    async def append_filled(self, form: Form, said: Particulars) -> Written:
        body = form.filled(
            said, ORIGIN, event_id=UUID(int=len(self.bodies)), occurred_at=datetime.now(UTC), nonce=bytes(16)
        )
        self.bodies.append(body)
        return Written(UUID(int=len(self.bodies)), bytes(32), body)

    append_soon = append_filled


@dataclass(frozen=True)
class Called:
    """One call, as its records must show it."""

    service: str = "company"
    token: str = "token-1"
    address: str = "10.0.0.1"
    consumer: str = "11621000MB00000024"
    provider: str = "11621000MB00000037"
    purpose: str = "real-estate-registration"
    grant: int = 1
    application: int = 2
    cause: int = 3
    resource: str = "307011024701/000100"
    grade: str = "general"
    version: int = 1

    def plan(self) -> Plan:
        grant = SimpleNamespace(
            id=UUID(int=self.grant), application_id=UUID(int=self.application), consumer_org=self.consumer,
            provider_org=self.provider, purpose=self.purpose, cause=Cause(UUID(int=self.cause), bytes(32)), version=self.version,
        )  # fmt: skip
        described = SimpleNamespace(code=self.resource, grade=self.grade)
        resource = SimpleNamespace(version=self.version, description=described)
        return Plan(
            cast(Any, grant), cast(Any, resource), cast(Any, None), frozenset(), (), None, (), is_live=True
        )

    def evidence(self, plan: Plan) -> Evidence:
        made = Evidence.begin(self.address)
        made.head = Head(self.service, Credentials("t"), "POST", None)
        made.token = AccessToken("registration", "", self.token, 0, {"consumer_org": self.consumer})
        made.plan = plan
        return made

    def shown(self) -> dict[str, Any]:
        """What a record of the call says of it."""
        return {
            "object": {"kind": "service", "id": self.service, "version": str(self.version)},
            "consumer_org": self.consumer, "provider_org": self.provider, "purpose": self.purpose,
            "grant_id": str(UUID(int=self.grant)), "application_id": str(UUID(int=self.application)),
            "resource": self.resource, "grade": self.grade,
        }  # fmt: skip


CHANGES: dict[str, Any] = {
    "service": "person", "token": "token-2", "address": "10.0.0.2", "consumer": "11621000MB00000011",
    "provider": "11621000MB00000011", "purpose": "bidding", "grant": 11, "application": 12, "cause": 13,
    "resource": "307011024701/000200", "grade": "important", "version": 2,
}  # fmt: skip


def recorded(call: Called, plan: Plan) -> list[dict[str, Any]]:
    """What intent and release of a call say."""
    log, seen = Taken(), call.evidence(plan)

    async def act() -> None:
        await record_intent(cast(AuditLog, log), seen, ("uscc",), 1, with_parameters=False)
        await record_release(cast(AuditLog, log), seen, b"[]", 0, 1.0)

    asyncio.run(act())
    return [content_of(body) or {} for body in log.bodies]


def says(call: Called, plan: Plan) -> None:
    """Both records of the call say what is true of it."""
    intent, release = recorded(call, plan)
    for one, kind in ((intent, "call.intended"), (release, "call.released")):
        assert one["type"] == kind
        assert {name: one.get(name) for name in call.shown()} == call.shown()
        assert one["who"]["authenticated_by"] == f"token {call.token}"
        assert (one["who"]["address"], one["who"]["org"]) == (call.address, call.consumer)
    assert [link["id"] for link in intent["cause"]] == [str(UUID(int=call.cause))]


def test_a_call_that_differs_in_one_thing_is_recorded_with_that_thing() -> None:
    room._kept.clear()
    first = Called()
    plan = first.plan()
    says(first, plan)
    for name, value in CHANGES.items():
        other = replace(first, **{name: value})
        for _ in range(2):  # the second is written with what was kept of the first
            says(other, plan if name in ("token", "address", "service") else other.plan())
            says(first, plan)


def test_a_plan_that_was_read_anew_is_not_recorded_with_the_old_ones_words() -> None:
    """A change makes a new plan for the same token, address and service: all but the plan itself is equal."""
    room._kept.clear()
    call = Called()
    for version in range(1, 5):
        call = replace(call, version=version, purpose=f"purpose-{version}", cause=100 + version)
        plan = call.plan()
        for _ in range(3):
            says(call, plan)


def test_a_plan_that_changes_between_intent_and_release_is_not_mixed_up() -> None:
    room._kept.clear()
    before, after = Called(), Called(version=2, purpose="bidding", cause=13)
    log, seen = Taken(), before.evidence(before.plan())

    async def act() -> None:
        await record_intent(cast(AuditLog, log), seen, ("uscc",), 1, with_parameters=False)
        seen.plan = after.plan()
        await record_release(cast(AuditLog, log), seen, b"[]", 0, 1.0)

    asyncio.run(act())
    purposes = [(content_of(body) or {})["purpose"] for body in log.bodies]
    assert purposes == [before.purpose, after.purpose]


def test_calls_alike_share_what_was_written_and_no_more_than_ten_thousand_are_kept() -> None:
    room._kept.clear()
    call = Called()
    plan = call.plan()
    assert room._forms(call.evidence(plan)) is room._forms(call.evidence(plan))
    assert room._forms(call.evidence(call.plan())) is not room._forms(call.evidence(plan))
    for number in range(room._FORMS_MOST + 50):
        room._forms(replace(call, token=f"t{number}").evidence(plan))
    assert len(room._kept) == room._FORMS_MOST
    says(call, plan)
    room._kept.clear()
