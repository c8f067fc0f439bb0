"""Taking an application back (撤回申请)."""

from dataclasses import replace

from gateway.audit import EventType
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.model import State
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.web import Principal


class Withdrawals:
    """What a requester does to end an open application."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def withdraw(self, actor: Principal, application: ApplicationId, reason: str) -> Standing:
        """The requester takes an open application back.

        Raises:
            ApplicationNotInState.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before, resource = await work.at_step(tx, actor, application, "withdraw")
            after = replace(before, state=State.WITHDRAWN, closed_at=work.now())
            await work.step(
                tx, EventType.APPLICATION_WITHDRAWN, actor, Role.REQUESTER, after, resource, because=reason
            )
            return await work.keep_clocks(tx, application)
