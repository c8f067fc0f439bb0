"""Three opinions on every call: the compiled decision, a naive reading of the rules, and SQL. They must agree.

``DECIDE_EXAMPLES=1000000`` tries as many calls, other ones each time.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import decide_ref
import orjson
import pytest
from decisions import DIRECTED, Case, cases
from hypothesis import HealthCheck, given, settings

from gateway.authz import DENIALS
from gateway.authz.grants import Allowed, compiled, decide

SQL = Path(__file__).parents[2] / "decide.sql"


class Database:
    """The third opinion: asked on a connection and a loop of its own, because Hypothesis does not wait."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.connection = self.loop.run_until_complete(asyncpg.connect(os.environ["GATEWAY_TEST_DSN"]))
        self.loop.run_until_complete(self.connection.execute(SQL.read_text("utf-8")))

    def opinions(self, some: list[Case]) -> list[str]:
        columns = zip(*(case.plain() for case in some), strict=True)
        grants, whats, calls, nows = (list(column) for column in columns)
        texts = [[orjson.dumps(each).decode() for each in column] for column in (grants, whats, calls)]
        query = """SELECT pg_temp.decide(g::jsonb, what::jsonb, call::jsonb, now) AS said
            FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY
                AS asked (g, what, call, now, place) ORDER BY place"""
        rows = self.loop.run_until_complete(self.connection.fetch(query, *texts, nows))
        return [row["said"] for row in rows]

    def close(self) -> None:
        self.loop.run_until_complete(self.connection.close())
        self.loop.close()


@pytest.fixture(scope="module")
def sql() -> Iterator[Database]:
    made = Database()
    yield made
    made.close()


def compiled_opinion(case: Case) -> tuple[str, list[str]]:
    verdict = decide(compiled(case.grant, case.what), case.call, case.now)
    return ("granted", list(verdict.fields)) if isinstance(verdict, Allowed) else (verdict.slug(), [])


@pytest.fixture
def seen() -> Iterator[Counter[str]]:
    """Counts the verdicts of all examples; at the end some were granted and most reasons were met."""
    counted: Counter[str] = Counter()
    yield counted
    assert counted["granted"] > counted.total() / 50
    assert len(counted) > len(DIRECTED) / 2


@settings(
    max_examples=int(os.environ.get("DECIDE_EXAMPLES", "800")),
    derandomize="DECIDE_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases)
def test_three_opinions_agree(case: Case, sql: Database, seen: Counter[str]) -> None:
    verdict, fields = compiled_opinion(case)
    seen[verdict] += 1
    grant, what, call, now = case.plain()
    against = next(decide_ref.reasons(grant, what, call, now), "granted")
    assert verdict == against == sql.opinions([case])[0]
    if verdict == "granted":
        assert fields == decide_ref.fields(grant, what, call)


@pytest.mark.parametrize("reason", DIRECTED)
def test_three_opinions_agree_on_each_reason_by_itself(reason: str, sql: Database) -> None:
    case = DIRECTED[reason]
    grant, what, call, now = case.plain()
    assert compiled_opinion(case)[0] == reason
    assert list(dict.fromkeys(decide_ref.reasons(grant, what, call, now))) == (
        [] if reason == "granted" else [reason]
    )
    assert sql.opinions([case]) == [reason]


def test_every_reason_of_the_decision_is_among_them() -> None:
    """The others only the database or the answer can give."""
    others = {
        "no-grant",
        "resource-withdrawn",
        "client-disabled",
        "quota-used-up",
        "rate-exceeded",
        "records-outside-grant",
    }
    assert {kind.slug() for kind in DENIALS} - others == set(DIRECTED) - {"granted"}
