"""The life of a resource, and what keeps it from being published."""

import pytest
from makes import BASIS, NOW, a_resource, describe
from world import clearance, description

from gateway.catalog import HttpMount, State
from gateway.catalog.clearance import Clearance, Cleared
from gateway.catalog.model import MOVES, obstacles_to_publishing

MOUNT = HttpMount(kind="http", url="https://data.example/{uscc}")


def test_a_resource_is_published_by_way_of_draft_and_review_only() -> None:
    ways = {(before, act): after for act, (allowed, after) in MOVES.items() for before in allowed}
    assert ways == {
        (State.DRAFT, "change"): State.DRAFT,
        (State.DRAFT, "clear"): State.DRAFT,
        (State.DRAFT, "submit"): State.REVIEW,
        (State.REVIEW, "return"): State.DRAFT,
        (State.REVIEW, "publish"): State.PUBLISHED,
        (State.PUBLISHED, "withdraw"): State.WITHDRAWN,
    }


def test_nothing_leads_out_of_withdrawn() -> None:
    assert not any(State.WITHDRAWN in allowed for allowed, _ in MOVES.values())


NOT_SHARED = {"sharing_class": "not_shared", "not_shared_basis": BASIS}


def cleared(changes: dict[str, object]) -> Cleared:
    """A clearance that covers a description with these changes."""
    given = Clearance.model_validate(clearance(description(**changes)))
    digest = describe(**changes).digest()
    return Cleared(given=given, digest=digest, recorded_by="provider", recorded_at=NOW)


@pytest.mark.parametrize(
    ("changes", "mount", "obstacles"),
    [
        ({}, MOUNT, []),
        ({}, None, ["not-mounted"]),
        (NOT_SHARED, None, []),
        ({"grade": "important"}, MOUNT, []),
        ({"grade": "core"}, MOUNT, ["grade-core"]),
        ({**NOT_SHARED, "grade": "core"}, None, ["grade-core"]),
        ({"mode": "table"}, MOUNT, ["mount-does-not-fit"]),
        ({"parameters": []}, MOUNT, ["mount-does-not-fit"]),
        ({"must_not_enter": "state_secret"}, MOUNT, ["must-not-enter"]),
        ({**NOT_SHARED, "must_not_enter": "work_secret"}, None, ["must-not-enter"]),
        (
            {"must_not_enter": "work_secret", "grade": "core"},
            None,
            ["must-not-enter", "grade-core", "not-mounted"],
        ),
    ],
)
def test_what_keeps_a_resource_from_being_published(
    changes: dict[str, object], mount: HttpMount | None, obstacles: list[str]
) -> None:
    found = obstacles_to_publishing(a_resource(description=changes, mount=mount, clearance=cleared(changes)))
    assert [one.code for one in found] == obstacles
    assert all(one.en and one.zh for one in found)


def test_without_a_clearance_or_after_a_change_nothing_is_published() -> None:
    assert [one.code for one in obstacles_to_publishing(a_resource(mount=MOUNT))] == ["clearance-missing"]
    other = a_resource(mount=MOUNT, clearance=cleared({"summary": "另一摘要"}))
    assert [one.code for one in obstacles_to_publishing(other)] == ["clearance-stale"]
