"""Chapter three: six applications, each on the route its sharing class gives it (庆政办发〔2018〕132号 item 22)."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from gateway.deadlines import Line
from gateway.demo.cast import (
    CALLER,
    CIVIL_AFFAIRS,
    CIVIL_APPROVER,
    MARKET_APPROVER,
    PLATFORM_ADMIN,
    REQUESTER,
    Person,
    department_name,
)
from gateway.demo.clocks import clock_facts, clock_lines, day_lines, rule_sets_of
from gateway.demo.forms import UNFIT_REASONS, approval, form
from gateway.demo.refusals import refusal_lines
from gateway.demo.resources import ADOPTIONS, BOUNDARIES, DIVISIONS, FIRMS, MARRIAGES, Entry
from gateway.demo.scene import Scene
from gateway.demo.stamping import seal_application, seal_decision, try_without_seal
from gateway.demo.step import Chapter, Happened, Step

_BOTH: Final = "clocks of qy132 and tl809, 1 binding"


def file(entry: Entry, key: str, scene: Scene) -> Happened:
    """The requester files; the answer says which route it takes and which clocks run."""
    given = form(key, scene.resources[entry.key], scene.today)
    shown = scene.act(REQUESTER, "POST", "/v1/applications", given)
    scene.applications[key] = shown["id"]
    binding = sum(clock["binding"] for clock in shown["clocks"])
    outcome = f"{shown['state']}, {shown['route']} route, clocks of {rule_sets_of(shown['clocks'])}, {binding} binding"
    asked = Line(
        f"asks for {', '.join(given['fields'])} of {entry.service}; {given['daily_quota']} calls a day",
        f"申请“{entry.name}”：{_titles(entry, given['fields'])}；每日 {given['daily_quota']} 次",
    )
    return _about(shown, outcome, REQUESTER, [asked, *clock_lines(shown["clocks"])])


def accept(key: str, scene: Scene) -> Happened:
    """The platform's conformity review: 受理."""
    given = {"accept": True, "opinion": "材料齐全，依据与场景明确，予以受理。"}
    shown = _step(scene, PLATFORM_ADMIN, key, "review", given)
    return _about(shown, shown["state"], PLATFORM_ADMIN, clock_lines(shown["clocks"]))


def provide(key: str, scene: Scene) -> Happened:
    """平台直接提供: the grant is issued at once."""
    shown = _step(scene, PLATFORM_ADMIN, key, "provide")
    scene.grants[key] = shown["grant_id"]
    lines = [
        Line(f"grant {shown['grant_id']}", f"授权 {shown['grant_id']}"),
        *clock_lines(shown["clocks"]),
    ]
    return _about(shown, f"{shown['state']}, granted", PLATFORM_ADMIN, lines)


def approve(entry: Entry, approver: Person, scene: Scene) -> Happened:
    """The providing department agrees to less than was asked."""
    given = approval(entry, scene.today)
    shown = _step(scene, approver, entry.key, "approve", given)
    scene.grants[entry.key] = shown["grant_id"]
    terms = scene.act(approver, "GET", f"/v1/grants/{shown['grant_id']}")["terms"]
    left_out = shown["decision"]["not_granted"]
    lines = [
        Line("", f"意见：{given['opinion']}"),
        *_terms(entry, terms, left_out),
        *clock_lines(shown["clocks"]),
    ]
    outcome = f"{shown['state']}, granted {','.join(terms['fields'])}"
    return _about(shown, outcome, approver, lines, terms=terms, not_granted=left_out)


def grant_file(scene: Scene) -> Happened:
    """The whole way of the direct route once more, for a file that is given as it is."""
    file(BOUNDARIES, BOUNDARIES.key, scene)
    accept(BOUNDARIES.key, scene)
    return provide(BOUNDARIES.key, scene)


def why_waiting(key: str, scene: Scene) -> Happened:
    """Any day the requester sees who holds the application, by when, and how the days were counted."""
    shown = scene.act(REQUESTER, "GET", f"/v1/applications/{scene.applications[key]}")
    waiting = shown["waiting"]
    bound = [clock for clock in shown["clocks"] if clock["binding"]]
    due = bound[0]["due_date"] if bound else "?"
    holder = department_name(waiting["holder"])
    said = Line(
        f"waiting for {waiting['for_what']}, held by {holder.en}, until {due} 24:00 ({waiting['binding_clock']})",
        f"在办：{waiting['holder_zh']} {holder.zh}，事由：{waiting['for_what_zh']}，最迟 {due} 24:00（{waiting['binding_clock']}）",
    )
    lines = [said, *day_lines(shown["clocks"])]
    return _about(shown, f"held by {holder.en}", REQUESTER, lines, waiting=waiting)


def ask_for_not_shared(scene: Scene) -> Happened:
    """不予共享 has no route: the answer shows the legal basis, before filing and on filing."""
    resource = scene.resources[ADOPTIONS.key]
    preview = scene.control(REQUESTER, "GET", f"/v1/resources/{resource}/route")
    filed = scene.control(REQUESTER, "POST", "/v1/applications", form(ADOPTIONS.key, resource, scene.today))
    basis = filed.body.get("legal_basis", {})
    same = preview.told == filed.told and preview.body.get("legal_basis") == basis
    outcome = f"{filed.told}, {basis.get('kind')}" if same else f"{preview.told}, then {filed.told}"
    lines = [
        Line(f"basis: {basis.get('citation')}", f"依据：{basis.get('citation')}"),
        Line("", f"理由：{basis.get('reason')}"),
        *refusal_lines(filed),
    ]
    return Happened(outcome, REQUESTER.name, lines, {"problem": filed.body})


def turn_down(key: str, scene: Scene) -> Happened:
    """The review does not accept, and says all its reasons at once."""
    shown = _step(scene, PLATFORM_ADMIN, key, "review", {"accept": False, "reasons": UNFIT_REASONS})
    reasons = shown["review"]["reasons"]
    lines = [Line(reason["code"], f"原因：{reason['text']}") for reason in reasons]
    outcome = f"{shown['state']}, {len(reasons)} reasons"
    return _about(shown, outcome, PLATFORM_ADMIN, [*lines, *clock_lines(shown["clocks"])], reasons=reasons)


def first_token(scene: Scene) -> Happened:
    """The system gets a token it will use only when it has expired."""
    token = scene.token_for(DIVISIONS)
    scene.kept["early token"] = token
    line = Line(
        "kept aside: it lives five seconds, and will be used at the very end",
        "先留着：有效期 5 秒，最后再用",
    )
    return Happened("issued", CALLER, [line])


def _step(scene: Scene, person: Person, key: str, act: str, given: Any = None) -> dict[str, Any]:
    return scene.act(person, "POST", f"/v1/applications/{scene.applications[key]}/{act}", given)


def _about(
    shown: dict[str, Any], outcome: str, who: Person, lines: Iterable[Line], **details: Any
) -> Happened:
    facts = {
        "application": shown["id"],
        "state": shown["state"],
        "route": shown["route"],
        "filed_at": shown["filed_at"],
        "clocks": clock_facts(shown["clocks"]),
    }
    return Happened(outcome, who.name, list(lines), facts | details)


def _terms(entry: Entry, terms: dict[str, Any], left_out: list[str]) -> list[Line]:
    bounds = [f"{name} {bound.get('prefix')}…" for name, bound in terms["parameters"].items()]
    only = f"; only {', '.join(bounds)}" if bounds else ""
    only_zh = f"；管控参数限 {'、'.join(bounds)}" if bounds else ""
    return [
        Line(
            f"granted: {', '.join(terms['fields'])}; {terms['daily_quota']} calls a day until {terms['valid_until']}{only}",
            f"授权：{_titles(entry, terms['fields'])}；每日 {terms['daily_quota']} 次，至 {terms['valid_until']}{only_zh}",
        ),
        Line(f"not granted: {', '.join(left_out)}", f"未予授权：{_titles(entry, left_out)}"),
    ]


def _titles(entry: Entry, fields: list[str]) -> str:
    return "、".join(item["title"] for item in entry.description["items"] if item["name"] in fields)


CHAPTER: Final = Chapter(
    Line("3. Six applications", "三、六份申请"),
    (
        Step("direct-filed", Line("Application 1: codes of divisions, unconditional", "申请一：行政区划代码表，无条件共享"),
             f"filed, direct route, {_BOTH}", partial(file, DIVISIONS, DIVISIONS.key)),
        Step("direct-accepted", Line("The platform reviews and accepts", "平台规范性审查：受理"), "accepted",
             partial(accept, DIVISIONS.key)),
        Step("direct-provided", Line("The platform provides directly", "平台直接提供"), "provided, granted",
             partial(provide, DIVISIONS.key)),
        Step("first-token", Line("The system gets a token and keeps it", "系统领取令牌备用"), "issued", first_token),
        Step("controlled-filed", Line("Application 2: registered firms, with a controlled parameter", "申请二：企业登记信息，含管控参数"),
             f"filed, department route, {_BOTH}", partial(file, FIRMS, FIRMS.key)),
        Step("controlled-accepted", Line("Accepted, and pushed to Market Regulation", "平台受理，推送市场监管局"), "accepted",
             partial(accept, FIRMS.key)),
        Step("controlled-approved", Line("Market Regulation agrees, for firms of the city", "市场监管局同意，限本市企业"),
             "approved, granted uscc,name,status", partial(approve, FIRMS, MARKET_APPROVER)),
        Step("conditional-filed", Line("Application 3: marriage check, conditional", "申请三：婚姻登记核验，有条件共享"),
             f"filed, department route, {_BOTH}", partial(file, MARRIAGES, MARRIAGES.key)),
        Step("conditional-unsealed", Line("The platform tries to accept it without the department's seal", "未盖章先受理：不予通过"),
             "409 seal-missing", try_without_seal),
        Step("conditional-sealed", Line("Natural Resources stamps the application", "自然资源局在申请上用印"),
             "valid seal on the application", seal_application),
        Step("conditional-accepted", Line("Accepted, and pushed to Civil Affairs", "平台受理，推送民政局"), "accepted",
             partial(accept, MARRIAGES.key)),
        Step("conditional-waiting", Line("The requester asks: why am I waiting?", "申请人查询：为何在等"),
             f"held by {CIVIL_AFFAIRS.name.en}",
             partial(why_waiting, MARRIAGES.key)),
        Step("decision-sealed", Line("Civil Affairs writes its decision down and stamps it", "民政局拟定审批决定并用印"),
             "valid seal on the decision", seal_decision),
        Step("conditional-approved", Line("Civil Affairs agrees to yes or no, a few times a day", "民政局同意：只答是否，每日限次"),
             "approved, granted married", partial(approve, MARRIAGES, CIVIL_APPROVER)),
        Step("not-shared", Line("Application 4: adoptions, not shared", "申请四：收养登记信息，不予共享"), "403 not-shared, law",
             ask_for_not_shared),
        Step("unfit-filed", Line("Application 5: all firms, all fields, “in reserve”", "申请五：全部企业、全部字段，“备用”"),
             f"filed, department route, {_BOTH}", partial(file, FIRMS, "unfit")),
        Step("unfit-not-accepted", Line("It fails the conformity review", "规范性审查不通过：不予受理"),
             "not_accepted, 2 reasons", partial(turn_down, "unfit")),
        Step("file-granted", Line("Application 6: a map layer, unconditional, provided directly", "申请六：县级界线图，平台直接提供"),
             "provided, granted", grant_file),
    ),
)  # fmt: skip
