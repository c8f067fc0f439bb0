"""Who sits at which desk of a department."""

from dataclasses import dataclass
from datetime import datetime

from gateway.names import OrgCode
from gateway.supervision.ladder import Desk


@dataclass(frozen=True, slots=True)
class Contact:
    """Who sits at a desk of a department, and where notices go; without either address none can be delivered."""

    org: OrgCode
    desk: Desk
    name: str
    email: str | None
    webhook: str | None
    set_at: datetime
