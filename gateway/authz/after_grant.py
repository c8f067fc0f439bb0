"""What follows from a grant, in one place for the roof: dry runs, suspensions, consultations, disputes, complaints, use."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from gateway.authz.complaints import Complaints
from gateway.authz.complaints.routes import ROUTES as COMPLAINT_ROUTES
from gateway.authz.disputes import Disputes
from gateway.authz.disputes.routes import ROUTES as DISPUTE_ROUTES
from gateway.authz.grants import Grants
from gateway.authz.grants.check_routes import ROUTES as CHECK_ROUTES
from gateway.authz.grants.checking import Checks, Obstacle, Used
from gateway.authz.grants.routes import GrantDesk
from gateway.authz.grants.service import GrantNotInState
from gateway.authz.service_changes import ServiceChanges
from gateway.authz.service_changes.routes import ROUTES as CHANGE_ROUTES
from gateway.authz.signals import Signals
from gateway.authz.signals.routes import ROUTES as SIGNAL_ROUTES
from gateway.authz.suspensions import Suspensions
from gateway.authz.suspensions.model import Evidence, Ground
from gateway.authz.suspensions.routes import ROUTES as SUSPENSION_ROUTES
from gateway.authz.suspensions.routes import Desk as SuspensionDesk
from gateway.authz.use_records import UseRecords
from gateway.authz.use_records.routes import ROUTES as USE_ROUTES
from gateway.catalog import Catalog
from gateway.catalog.editions import Withdrawals
from gateway.deadlines import Clockwork
from gateway.identity import Role
from gateway.names import GrantId, OrgCode
from gateway.seals import Vault
from gateway.web import Principal, Route

AFTER_GRANT_ROUTES: Final[tuple[Route, ...]] = (
    *CHECK_ROUTES, *SUSPENSION_ROUTES, *CHANGE_ROUTES, *DISPUTE_ROUTES, *COMPLAINT_ROUTES, *USE_ROUTES,
    *SIGNAL_ROUTES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counting:
    """What the room that counts calls can say of them."""

    obstacle: Obstacle
    used: Used


@dataclass(frozen=True, slots=True)
class Office:
    """The authority's department, its clocks, and what seals who complains."""

    platform: OrgCode
    clocks: Clockwork
    vault: Vault


def suspending(
    grants: Grants, platform: OrgCode
) -> Callable[[GrantId, str, str, UUID | None], Awaitable[None]]:
    """What suspends a grant for the authority when a rule says so, with the record that shows why."""
    suspensions = Suspensions(grants, ServiceChanges(grants))

    async def suspend(grant: GrantId, because: str, rule: str, event: UUID | None) -> None:
        actor = Principal("system", f"rule {rule}", platform, frozenset({Role.SECURITY_ADMIN}), "", "rule")
        shown = Evidence(text=because, event_ids=[event] if event else [])
        with suppress(GrantNotInState):  # it is suspended or over already
            await suspensions.suspend(actor, grant, Ground.SECURITY, because, shown, None)

    return suspend


def after_grant(
    grants: Grants,
    desk: GrantDesk,
    catalog: Catalog,
    withdrawals: Withdrawals,
    counting: Counting,
    office: Office,
) -> list[tuple[Sequence[Route], Any]]:
    """The routes with what answers them; withdrawals of resources are bound to consultation from here on."""
    changes = ServiceChanges(grants)
    withdrawals.before_withdrawal.append(changes.check_withdrawal)
    return [
        (CHECK_ROUTES, Checks(grants.database, catalog, counting.obstacle, counting.used, grants.now)),
        (SUSPENSION_ROUTES, SuspensionDesk(Suspensions(grants, changes), desk)),
        (CHANGE_ROUTES, changes),
        (DISPUTE_ROUTES, Disputes(grants, office.clocks, office.platform)),
        (COMPLAINT_ROUTES, Complaints(grants, office.clocks, office.platform, office.vault)),
        (USE_ROUTES, UseRecords(grants)),
        (SIGNAL_ROUTES, Signals(grants.database, office.platform, grants.now)),
    ]
