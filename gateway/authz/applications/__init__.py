"""Applications (共享申请): filed, reviewed, accepted, provided or decided, each step under its clocks."""

from gateway.authz.applications.model import Application, Route, State
from gateway.authz.applications.service import Applications

__all__ = ["Application", "Applications", "Route", "State"]
