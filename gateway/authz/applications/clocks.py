"""The clocks of an application: which rule sets bind it, and how each clock stands.

Every application keeps the rule sets in force on its filing day; all run, the earliest binds (Decree 809 Art. 23:
a lower level may shorten, never lengthen).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.authz.applications.model import Application, Route, State
from gateway.catalog import SharingClass
from gateway.deadlines import (
    Calendar,
    Clock,
    Event,
    RestDay,
    RuleSet,
    clock_at,
    clocks_for,
    local_day,
    rule_sets_in_force,
)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The rule sets, calendar and settings of this platform."""

    rule_sets: Sequence[RuleSet]
    calendar: Calendar
    region: str
    rest_day: RestDay

    def in_force(self, on: date) -> tuple[str, ...]:
        """The ids of the rule sets an application filed that day keeps."""
        return tuple(each.id for each in rule_sets_in_force(self.rule_sets, on, self.region))

    def of(self, application: Application, now: datetime) -> list[Clock]:
        """Every clock of the application as it stands at ``now``."""
        events = happened(application)
        return self._standing(
            application.rule_sets, application.route, application.sharing_class, events, now
        )

    def preview(self, route: Route, sharing_class: SharingClass, now: datetime) -> list[Clock]:
        """The clocks an application filed now would have."""
        sets = self.in_force(local_day(now))
        return self._standing(sets, route, sharing_class, {Event.FILED: now}, now)

    def _standing(
        self,
        ids: Sequence[str],
        route: Route,
        sharing_class: SharingClass,
        events: dict[Event, datetime],
        now: datetime,
    ) -> list[Clock]:
        kept = [each for each in self.rule_sets if each.id in ids]
        rules = clocks_for(kept, route, sharing_class)
        return [clock_at(rule, events, now, self.calendar, self.rest_day) for rule in rules]


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
