"""Right requests of supervision."""

from typing import Final

from rights import Right, at

CASES: Final[dict[str, Right]] = {
    "list_supervised_cases": Right("requester", at("/v1/supervision/cases")),
}
