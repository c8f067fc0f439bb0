"""What the handlers of applications share."""

from collections.abc import Mapping
from typing import Any

from gateway.authz.applications.casework import Standing
from gateway.authz.applications.scenes import Scene
from gateway.authz.applications.service import Applications
from gateway.authz.applications.wire import ApplicationShown
from gateway.names import ApplicationId, ResourceId
from gateway.web import Ask, Reply


class Desk:
    """The acts, the platform's code to name as holder, and the ready scenes by id."""

    def __init__(self, applications: Applications, platform: str, scenes: Mapping[str, Scene]) -> None:
        self.applications = applications
        self.platform = platform
        self.scenes = scenes

    def show(self, standing: Standing) -> Reply:
        """An application in full."""
        return Reply(ApplicationShown.showing(standing, self.platform))


def application_id(ask: Ask[Any]) -> ApplicationId:
    """The application a path names."""
    return ApplicationId(ask.uuid("application_id"))


def resource_id(ask: Ask[Any]) -> ResourceId:
    """The resource a path names."""
    return ResourceId(ask.uuid("resource_id"))
