"""How a seal stood at a time, by what is known later."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.sealing.model import FOLLOWS, SealStatus, StatusChange, status_at

T0 = datetime(2026, 10, 1, 4, tzinfo=UTC)


def change(number: int, status: SealStatus, since: int) -> StatusChange:
    return StatusChange(number, status, T0 + timedelta(hours=since), "…", "a", T0, UUID(int=number))


HISTORY = [
    change(1, SealStatus.IN_FORCE, 0),
    change(2, SealStatus.SUSPENDED, 10),
    change(3, SealStatus.IN_FORCE, 20),
    change(4, SealStatus.LOST, 15),
]


@pytest.mark.parametrize(
    ("hour", "known", "status"),
    [
        (-1, 4, None), (0, 4, SealStatus.IN_FORCE), (12, 4, SealStatus.SUSPENDED), (15, 4, SealStatus.LOST),
        (30, 4, SealStatus.LOST), (17, 3, SealStatus.SUSPENDED), (20, 3, SealStatus.IN_FORCE),
    ],
)  # fmt: skip
def test_the_latest_report_that_reaches_back_decides(
    hour: int, known: int, status: SealStatus | None
) -> None:
    assert status_at(HISTORY[:known], T0 + timedelta(hours=hour)) is status


def test_nothing_follows_a_revocation_and_only_a_revocation_follows_a_loss() -> None:
    assert FOLLOWS[SealStatus.REVOKED] == frozenset()
    assert FOLLOWS[SealStatus.LOST] == {SealStatus.REVOKED}
    assert set(FOLLOWS) == set(SealStatus)
