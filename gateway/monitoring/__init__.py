"""共享服务运行监测: whether each published resource can be had, how fast, how much, how fresh, and whose fault it is.

Vocabulary: a *watch* is what is known of one mounted, published resource; a *probe* asks its source whether it answers
and carries no data of anybody; a *finding* is what a probe came back with; a *trouble* is what follows from findings
and from the outcomes of real calls; an *alarm* is a trouble on record from its raising to its clearing, and names the
*side* whose fault it is: caller, gateway or provider (故障责任方: 调用方、网关、提供方).
Invariants: N processes probe each resource once per interval; a raised or cleared alarm has an audit record; nothing
here stands in the way of a call.
"""

from gateway.monitoring.model import AlarmKind, HealthState, Policy, Side
from gateway.monitoring.probe import Prober
from gateway.monitoring.service import Monitor
from gateway.monitoring.tally import Tally
from gateway.monitoring.watching import Watching

__all__ = ["AlarmKind", "HealthState", "Monitor", "Policy", "Prober", "Side", "Tally", "Watching"]
