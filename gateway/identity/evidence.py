"""How a principal appears in the audit log."""

from gateway.audit import Who
from gateway.identity.model import Role
from gateway.web import Principal


def who(principal: Principal, acting_as: Role | None = None) -> Who:
    """The actor of an event; ``acting_as`` is the role that allowed the act."""
    return Who.of(principal, str(acting_as or ""))
