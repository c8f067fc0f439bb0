"""What replay stores forget, and what not."""

from typing import Any

from gateway.identity.sweeping import Sweeping
from gateway.settings import Identity
from gateway.storage import Zone


async def test_what_is_refused_by_its_own_time_is_forgotten_and_nothing_else(database: Any) -> None:
    owner = await database.owner()
    await owner.execute(
        """INSERT INTO identity.proof_seen (digest, seen_at)
        VALUES ('\\x01', now() - interval '171 seconds'), ('\\x02', now() - interval '140 seconds'), ('\\x03', now())"""
    )
    await owner.execute(
        """INSERT INTO identity.assertion_seen (client_id, jti, expires_at)
        VALUES ('a', 'old', now() - interval '61 minutes'), ('a', 'new', now() - interval '59 minutes')"""
    )
    await Sweeping(await database.open(Zone.CONTROL), Identity()).sweep()
    kept = await owner.fetch("SELECT digest FROM identity.proof_seen ORDER BY digest")
    assert [row["digest"] for row in kept] == [b"\x02", b"\x03"]
    assert [row["jti"] for row in await owner.fetch("SELECT jti FROM identity.assertion_seen")] == ["new"]
    await owner.close()
