"""The acts on applications by subject, each one transaction and one audit record (and one for a grant issued)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog
from gateway.authz.applications import store
from gateway.authz.applications.amendment import Amendments
from gateway.authz.applications.authorisation import Authorisations
from gateway.authz.applications.bulk import Bulks
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.clocks import Clocks
from gateway.authz.applications.decision import Decisions
from gateway.authz.applications.filing import Filing
from gateway.authz.applications.model import Application, Wanted
from gateway.authz.applications.parties import SEE_ALL, may_see
from gateway.authz.applications.refusals import unknown
from gateway.authz.applications.renewal import Renewals
from gateway.authz.applications.review import Reviews
from gateway.authz.applications.sealed import SealGate
from gateway.authz.applications.stamping import Stamping
from gateway.authz.applications.supplement import SupplementRule
from gateway.authz.applications.telling import Telling
from gateway.authz.applications.withdrawal import Withdrawals
from gateway.authz.grants.service import Grants
from gateway.authz.timing.service import Timing
from gateway.catalog import Catalog
from gateway.identity import Identity
from gateway.names import ApplicationId, OrgCode
from gateway.sealing.making import SealOffice
from gateway.storage import Database
from gateway.web import Principal


class Applications:
    """Who may see what; the acts are its members, one for each subject.

    ``now`` gives the present instant with its zone; ``platform`` is the code of the platform's department;
    ``supplement`` holds the versions of the local 补正期限; ``office`` what is known of seals and stamps.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        identity: Identity,
        catalog: Catalog,
        grants: Grants,
        clocks: Clocks,
        now: Callable[[], datetime],
        platform: OrgCode,
        supplement: Sequence[SupplementRule],
        office: SealOffice,
    ) -> None:
        self._work = Casework(
            database, log, catalog, clocks, now, platform, SealGate(office.rules, office.stamps, now)
        )
        self.timing = Timing(self._work)
        self.filing = Filing(self._work)
        self.amendments = Amendments(self._work)
        self.telling = Telling(self._work, supplement)
        self.authorisations = Authorisations(self._work)
        self.renewals = Renewals(self._work, self.filing, grants)
        self.bulks = Bulks(self._work, self.filing, identity)
        self.reviews = Reviews(self._work)
        self.decisions = Decisions(self._work, grants)
        self.stamping = Stamping(self._work, self.decisions, office.stamps)
        self.withdrawals = Withdrawals(self._work)

    async def show(self, actor: Principal, application: ApplicationId) -> Standing:
        """How an application stands. Raises NoSuchApplication, also for departments that are no party to it."""
        async with self._work.database.connection() as connection:
            standing = await self._work.standing(connection, application)
        if not may_see(actor, standing.application):
            raise unknown(application)
        return standing

    async def listed(
        self, actor: Principal, wanted: Wanted, after: UUID | None, count: int
    ) -> list[Application]:
        """Newest first: all for administrators; for others those of the own department, and accepted ones to it."""
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._work.database.transaction() as tx:
            return await store.listed(tx, org, wanted, after, count)
