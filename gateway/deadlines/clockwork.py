"""The rule sets, calendars and settings of one platform together: what every room with clocks asks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.deadlines.clocks import AS_THE_LAW_SAYS, Clock, Reckoning, clock_of
from gateway.deadlines.editions import Almanac
from gateway.deadlines.history import History, Subject
from gateway.deadlines.rules import RuleSet, clocks_for, rule_sets_in_force


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Computes the clocks of any kind of case.

    Attributes:
        almanac: the calendars as known to this process.
        region: 行政区划代码 of the platform.
    """

    rule_sets: Sequence[RuleSet]
    almanac: Almanac
    region: str
    reckoning: Reckoning = AS_THE_LAW_SAYS

    def in_force(self, on: date, subject: Subject) -> tuple[str, ...]:
        """The ids of the rule sets that a case begun that day keeps."""
        return tuple(each.id for each in rule_sets_in_force(self.rule_sets, on, self.region, subject))

    def of(
        self,
        kept: Collection[str],
        history: History,
        now: datetime,
        *,
        subject: Subject,
        route: str = "",
        sharing_class: str = "",
        traits: Collection[str] = (),
    ) -> list[Clock]:
        """Every clock of a case as it stands at ``now``.

        Args:
            kept: the ids of the rule sets the case keeps, from :meth:`in_force` on its first day.

        Raises:
            As :func:`gateway.deadlines.clocks.clock_of`.
        """
        sets = [each for each in self.rule_sets if each.id in kept]
        rules = clocks_for(sets, route, sharing_class, subject=subject, traits=traits)
        editions, reckoning = self.almanac.editions, self.reckoning
        return [clock_of(rule, history, now, editions, reckoning) for rule in rules]
