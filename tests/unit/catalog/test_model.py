"""The life of a resource, and what keeps it from being published."""

import pytest
from makes import BASIS, a_resource

from gateway.catalog import HttpMount, State
from gateway.catalog.model import MOVES, obstacle_to_publishing

MOUNT = HttpMount(kind="http", url="https://data.example/{uscc}")


def test_a_resource_is_published_by_way_of_draft_and_review_only() -> None:
    ways = {(before, act): after for act, (allowed, after) in MOVES.items() for before in allowed}
    assert ways == {
        (State.DRAFT, "change"): State.DRAFT,
        (State.DRAFT, "submit"): State.REVIEW,
        (State.REVIEW, "return"): State.DRAFT,
        (State.REVIEW, "publish"): State.PUBLISHED,
        (State.PUBLISHED, "withdraw"): State.WITHDRAWN,
    }


def test_nothing_leads_out_of_withdrawn() -> None:
    assert not any(State.WITHDRAWN in allowed for allowed, _ in MOVES.values())


NOT_SHARED = {"sharing_class": "not_shared", "not_shared_basis": BASIS}


@pytest.mark.parametrize(
    ("changes", "mount", "obstacle"),
    [
        ({}, MOUNT, ""),
        ({}, None, "not mounted"),
        (NOT_SHARED, None, ""),
        ({"grade": "important"}, MOUNT, ""),
        ({"grade": "core"}, MOUNT, "grade core"),
        ({**NOT_SHARED, "grade": "core"}, None, "grade core"),
        ({"mode": "table"}, MOUNT, "serves mode interface"),
        ({"parameters": []}, MOUNT, "undeclared parameters: uscc"),
    ],
)
def test_what_keeps_a_resource_from_being_published(
    changes: dict[str, object], mount: HttpMount | None, obstacle: str
) -> None:
    en, zh = obstacle_to_publishing(a_resource(description=changes, mount=mount))
    assert obstacle in en
    assert bool(en) == bool(zh) == bool(obstacle)
