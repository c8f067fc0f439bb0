"""Why an act on an application is refused."""

from gateway.authz.applications.model import Application, Route
from gateway.catalog import Description
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.names import ApplicationId


class NoSuchApplication(NotFound):
    """There is no such application（没有该共享申请）."""


class ApplicationNotInState(Conflict):
    """The application is not in the state this needs（申请当前状态不允许此操作）."""


class NotShared(Forbidden):
    """This resource is not shared（该信息资源不予共享）."""

    remedy = (
        "Read the legal basis given here; if you hold it does not apply, raise a dispute with the platform "
        "authority (Decree 809 Art. 28).",
        "请查阅所列法律依据；如有异议，可依《政务数据共享条例》第二十八条申请协调处理。",
    )


class WrongRoute(Conflict):
    """This step belongs to the other route（该步骤不属于此申请的办理路径）."""

    remedy = (
        "The platform provides on the direct route; the providing department decides on the department route.",
        "平台直接提供的由平台办理；部门受理的由提供部门审批。",
    )


def not_shared(description: Description) -> NotShared:
    """The refusal of 不予共享, with its legal basis."""
    basis = description.not_shared_basis
    shown = basis.model_dump(mode="json") if basis else {}
    citation = basis.citation if basis else ""
    return NotShared(
        f"{description.name} is not shared: {citation}",
        f"“{description.name}”不予共享，依据：{citation}",
        legal_basis=shown,
    )


def unknown(application: ApplicationId) -> NoSuchApplication:
    """The refusal for whoever may not know of it."""
    return NoSuchApplication(f"no application {application}", f"没有共享申请 {application}")


def check_route(application: Application, wanted: Route) -> None:
    """Raises WrongRoute."""
    if application.route is not wanted:
        raise WrongRoute(
            f"this application is on the {application.route} route", f"该申请的办理路径为 {application.route}"
        )
