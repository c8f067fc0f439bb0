"""Right requests of the monitor: it is only read."""

from typing import Final

from rights import Right, at

CASES: Final = {
    "list_monitored_resources": Right("provider", at("/v1/monitor/resources")),
    "show_monitored_resource": Right("provider", at("/v1/monitor/resources/{direct}")),
    "list_alarms": Right("provider", at("/v1/monitor/alarms")),
}
