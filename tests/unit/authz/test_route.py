"""The seed rule, 庆政办发〔2018〕132号 item 22: which application goes where."""

from typing import Any

import pytest
from makes import BASIS, CONTROLLED, UNCONTROLLED, describe

from gateway.authz.applications import Route
from gateway.authz.applications.model import route_of

UNCONDITIONAL: dict[str, Any] = {"sharing_class": "unconditional"}
CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限登记业务核验"}
NOT_SHARED: dict[str, Any] = {"sharing_class": "not_shared", "not_shared_basis": BASIS}


@pytest.mark.parametrize(
    ("sharing", "parameters", "route"),
    [
        (UNCONDITIONAL, [], Route.DIRECT),
        (UNCONDITIONAL, [UNCONTROLLED], Route.DIRECT),
        (UNCONDITIONAL, [CONTROLLED], Route.DEPARTMENT),
        (UNCONDITIONAL, [{**UNCONTROLLED, "name": "a"}, CONTROLLED], Route.DEPARTMENT),
        (CONDITIONAL, [], Route.DEPARTMENT),
        (CONDITIONAL, [UNCONTROLLED], Route.DEPARTMENT),
        (CONDITIONAL, [CONTROLLED], Route.DEPARTMENT),
        (NOT_SHARED, [], None),
        (NOT_SHARED, [CONTROLLED], None),
    ],
)
def test_the_route_follows_from_sharing_class_and_controlled_parameters(
    sharing: dict[str, Any], parameters: list[Any], route: Route | None
) -> None:
    assert route_of(describe(**sharing, parameters=parameters)) is route
