"""The clocks of an application: which rule sets bind it, and how each clock stands.

Every application keeps the rule sets in force on its filing day; all run, the earliest binds (Decree 809 Art. 23:
a lower level may shorten, never lengthen).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.authz.applications.model import Application, Route, State
from gateway.catalog import SharingClass
from gateway.deadlines import Clock, Clockwork, Event, RestDay, Subject, history_of, local_day

_PUBLISHED: Final = frozenset({"published"})
"""Trait of every application here: the data stand in the catalogue; some local sets give others more time."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The platform's clocks, for applications."""

    work: Clockwork

    @property
    def rest_day(self) -> RestDay:
        """How a receipt on a rest day is counted."""
        return self.work.reckoning.rest_day

    def in_force(self, on: date) -> tuple[str, ...]:
        """The ids of the rule sets an application filed that day keeps."""
        return self.work.in_force(on, Subject.APPLICATION)

    def of(self, application: Application, now: datetime) -> list[Clock]:
        """Every clock of the application as it stands at ``now``."""
        return self.work.of(
            application.rule_sets, history_of(happened(application), application.acts), now, subject=Subject.APPLICATION,
            route=application.route, sharing_class=application.sharing_class, traits=_PUBLISHED,
        )  # fmt: skip

    def preview(self, route: Route, sharing_class: SharingClass, now: datetime) -> list[Clock]:
        """The clocks an application filed now would have."""
        return self.work.of(
            self.in_force(local_day(now)), history_of({Event.FILED: now}), now, subject=Subject.APPLICATION,
            route=route, sharing_class=sharing_class, traits=_PUBLISHED,
        )  # fmt: skip


def happened(application: Application) -> dict[Event, datetime]:
    """What has happened to an application so far, as the events of clocks.

    A grant is callable the instant it is issued, so a department's approval is also the sharing.
    """
    shared = application.provided_at or (
        application.closed_at if application.state is State.APPROVED else None
    )
    marks = {
        Event.FILED: application.filed_at,
        Event.REVIEWED: application.reviewed_at,
        Event.ACCEPTED: application.reviewed_at if application.was_accepted else None,
        Event.PROVIDED: application.provided_at,
        Event.DECIDED: application.decided_at,
        Event.SHARED: shared,
        Event.CLOSED: application.closed_at,
    }
    return {event: at for event, at in marks.items() if at is not None}
