"""Where a department's numbers and times begin and end, over many stretches of the searches' index: as a naive look says."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
from ledgers import CONSUMER, PROVIDER, an_event

from gateway.audit import Origin, integrate_once
from gateway.audit.exports import store
from gateway.audit.writer import emit_all, utc_now
from gateway.names import new_id
from gateway.storage import Zone

SIDES = {
    "consumer": "SELECT idx, cseq, recorded_at FROM audit.ledger WHERE consumer_org = $1 ORDER BY idx",
    "log": "SELECT idx, idx, recorded_at FROM audit.ledger WHERE $1 = '' ORDER BY idx",
}


async def test_halving_finds_what_reading_finds(database: Any, owner: asyncpg.Connection) -> None:
    control, orders = await database.open(Zone.CONTROL), await database.open(Zone.INTEGRATOR)
    origin = Origin("node-1", new_id())
    rare = [an_event(consumer_org=CONSUMER)]
    for count in (
        100,
        5000,
        4000,
    ):  # a department that is busy at first and late, and silent over a whole stretch
        few = rare * 40 + [an_event(consumer_org=PROVIDER)] * count + rare * (count == 4000)
        async with control.transaction() as tx:
            await emit_all(tx, few, origin, utc_now())
        async with orders.connection() as connection:
            while await integrate_once(connection):
                pass
    for side, org in (("consumer", CONSUMER), ("consumer", PROVIDER), ("log", "")):
        rows = [tuple(row) for row in await owner.fetch(SIDES[side], org)]
        last, times = rows[-1], sorted({row[2] for row in rows})
        moments = [None, *times, times[0] - timedelta(1), times[-1] + timedelta(1)]
        for number in {0, 1, 2, 39, 40, 41, 80, 81, 4095, 4096, 4097, 8000, last[1], last[1] + 1}:
            for moment in moments:
                told = (side, org, number, moment)
                assert await store.first_of(owner, side, org, number, moment) == first(
                    rows, number, moment
                ), told
                for idx in (0, 4096, last[0]):
                    found = await store.last_of(owner, side, org, number, moment, idx)
                    assert found == final(rows, number, moment, idx), (*told, idx)


Rows = list[tuple[int, int, datetime]]


def first(rows: Rows, number: int, since: datetime | None) -> tuple[int, int] | None:
    return next(((idx, n) for idx, n, at in rows if n >= number and (since is None or at >= since)), None)


def final(rows: Rows, number: int, until: datetime | None, most: int) -> tuple[int, int] | None:
    fitting = [
        (idx, n) for idx, n, at in rows if n <= number and (until is None or at < until) and idx <= most
    ]
    return fitting[-1] if fitting else None
