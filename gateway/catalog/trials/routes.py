"""The address of trials."""

from typing import Final

from gateway.catalog.acts import MustNotEnter, NoSuchResource
from gateway.catalog.trials.service import NotMounted, Trials
from gateway.catalog.trials.wire import NewTrial, TrialShown
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.web import Ask, Reply, Route


async def test_mount(trials: Trials, ask: Ask[NewTrial]) -> Reply:
    trial = await trials.run(ask.principal, ResourceId(ask.uuid("resource_id")), ask.given.parameters)
    return Reply(TrialShown.of(trial))


ROUTES: Final = [
    Route("POST", "/v1/resources/{resource_id}/mount/test", test_mount, frozenset({Role.PROVIDER}),
          "Test a mount with sample parameters", "测试挂接并查看脱敏样例", given=NewTrial, returns=TrialShown,
          tag="catalog", problems=(NoSuchResource, NotMounted, MustNotEnter)),
]  # fmt: skip
