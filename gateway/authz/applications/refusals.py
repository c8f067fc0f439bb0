"""Why an act on an application is refused."""

from datetime import date

from gateway.authz.applications.answer import Refusal, is_in_catalogue
from gateway.authz.applications.form import REQUIRED, Form
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


class NothingChanged(Conflict):
    """The form is the same as before（申请表没有变化）."""

    remedy = ("Change what the notice or the review asks for, then send it.", "请按告知内容修改后再提交。")


class Amended(Conflict):
    """The application was amended meanwhile（申请已修改为新版本）."""

    remedy = (
        "Read the present version and what changed in it; then act on it by its form_version.",
        "请查阅当前版本及其变化，并以其 form_version 重新办理。",
    )


class StillIncomplete(Conflict):
    """The application is not complete（申请材料不全）."""

    remedy = (
        "Give one notice of all that is missing (Decree 809 Art. 21); accept when it was supplied.",
        "请依《政务数据共享条例》第二十一条一次性告知需要补充的材料，补齐后再受理。",
    )


class NotToldYet(Conflict):
    """What is missing must be told before refusing（不得直接拒绝，须先一次性告知）."""

    remedy = (
        "Give one notice of all that is missing and wait for the answer until its last day (Decree 809 Art. 21).",
        "请一次性告知需要补充的材料，并等待补正至告知书所列期限（《政务数据共享条例》第二十一条）。",
    )


class ToldAlready(Conflict):
    """This version already has its one notice（该版本已一次性告知）."""

    remedy = (
        "A notice is complete and given once per version; wait for the amended version or its last day.",
        "每一版本只告知一次；请等待补正后的新版本，或待补正期限届满。",
    )


class NoDecisionDocument(NotFound):
    """There is no decision document（没有审批决定文件）."""

    remedy = (
        "The provider writes a decision down with POST …/approve/draft or …/refuse/draft; others see it once it took effect.",
        "提供部门可通过 …/approve/draft 或 …/refuse/draft 拟定决定；其他部门在决定生效后可查看。",
    )


class NoSuchStamp(NotFound):
    """There is no such stamp（没有该签章）."""


class NotForStanding(Conflict):
    """A standing authorisation is not possible for this resource（该资源不适用平台授权）."""

    remedy = (
        "What has conditions or controlled parameters is decided by its department, case by case.",
        "有条件共享或含管控参数的资源由提供部门逐件审批。",
    )


class NoStandingAuthorisation(NotFound):
    """There is no standing authorisation in force（没有有效的平台授权）."""


class NoSuchBulk(NotFound):
    """There is no such bulk application（没有该批量申请）."""


class GrantOver(Conflict):
    """The grant is not in force（授权已失效或未生效）."""

    remedy = ("File a new application.", "请重新提出共享申请。")


class RenewalOpen(Conflict):
    """An application to renew this grant is open（该授权的续期申请正在办理）."""

    remedy = ("Wait for its decision, or withdraw it.", "请等待办理结果，或先撤回该申请。")


class ConditionNotInCatalogue(Forbidden):
    """Conditions may not be added on one's own（不得擅自增设条件）."""

    remedy = (
        "Quote a condition as it stands in the catalogue; to add one, change the catalogue entry and have it "
        "reviewed (Decree 809 Art. 15, 16).",
        "请引用目录所列条件原文；确需增加条件的，应修改目录并报主管部门审核（《政务数据共享条例》第十五条、第十六条）。",
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


def check_version(application: Application, form_version: int) -> None:
    """Nobody acts on a form he has not seen. Raises Amended."""
    if application.form_version != form_version:
        raise Amended(
            f"the form is version {application.form_version} now, not {form_version}",
            f"申请表现为第 {application.form_version} 版，不是第 {form_version} 版",
            form_version=application.form_version,
        )


def still_incomplete(form: Form) -> StillIncomplete:
    """The refusal that names what is missing."""
    missing = form.missing()
    said = "、".join(REQUIRED[name].fault_zh for name in missing)
    return StillIncomplete(f"missing: {', '.join(missing)}", said, missing=missing)


def check_told(application: Application, today: date) -> None:
    """不得直接予以拒绝 (Decree 809 Art. 21). Raises NotToldYet."""
    if application.may_be_refused(today):
        return
    missing = application.form.missing()
    if application.awaits_requester:
        until = application.notices[-1].supply_by
        raise NotToldYet(
            f"the notice may be answered until {until}",
            f"补正期限至 {until}，尚未届满",
            supply_by=until.isoformat(),
        )
    raise NotToldYet(
        f"missing: {', '.join(missing)}",
        f"尚缺：{'、'.join(REQUIRED[name].fault_zh for name in missing)}",
        missing=missing,
    )


def check_condition(refusal: Refusal, description: Description) -> None:
    """A condition a refusal stands on is one of the catalogue's. Raises ConditionNotInCatalogue."""
    if refusal.condition is not None and not is_in_catalogue(refusal.condition, description):
        there = description.conditions
        raise ConditionNotInCatalogue(
            f"the catalogue does not list this condition; it says: {there or 'no conditions'}",
            f"目录未列此条件；目录所列条件：{there or '无'}",
            conditions=there,
        )


def check_route(application: Application, wanted: Route) -> None:
    """Raises WrongRoute."""
    if application.route is not wanted:
        raise WrongRoute(
            f"this application is on the {application.route} route", f"该申请的办理路径为 {application.route}"
        )
