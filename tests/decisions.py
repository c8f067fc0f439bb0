"""Grants, resources, calls and instants as Hypothesis draws them: near each other, so that most rules are just kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from makes import BASIS, a_call, a_grant, describe

from gateway.authz.grants import Call, CallRules, Constraint, Grant, GrantState, Hours, Side
from gateway.catalog import Description
from gateway.deadlines import SHANGHAI

CODES = ["11621000MB00000011", "11621000MB00000024", "91330106673959654P"]
NAMES = ["uscc", "name", "legal_person", "capital"]
NOON = datetime(2026, 9, 30, 12, tzinfo=SHANGHAI)
USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
REGION = {"name": "region", "title": "地区", "kind": "choice", "choices": ["甲", "乙"], "required": False}
SIZE = {"name": "size", "title": "规模", "kind": "integer", "required": False, "longest": 4}
SINCE = {"name": "since", "title": "起始", "kind": "date", "required": False}
VALUES = {
    "uscc": [*CODES, CODES[0], CODES[1], CODES[0][:-1] + "2", CODES[0].lower(), CODES[0] + " "],
    "region": ["甲", "乙", "丙", ""],
    "size": ["0", "-1", "12345", "1.0", "١", "+1"],
    "since": ["2026-02-28", "2026-02-29", "2026-1-1", "20260101", "0000-01-01"],
    "unknown": ["1"],
}


@dataclass(frozen=True)
class Case:
    """One decision to take."""

    grant: Grant
    what: Description
    call: Call
    now: datetime

    def plain(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], datetime]:
        """As JSON and an instant, for opinions that share no code with the decision."""
        grant, call = self.grant, self.call
        own = {
            "state": str(grant.state), "held_by": str(grant.held_by) if grant.held_by else None,
            "client": grant.client_id, "service": grant.service, "purpose": grant.purpose,
            "terms": grant.terms.model_dump(mode="json"),
        }  # fmt: skip
        wants = {
            "client": call.client_id, "service": call.service, "purpose": call.purpose,
            "parameters": dict(call.parameters), "fields": list(call.fields) if call.fields is not None else None,
            "matter": call.matter, "case": call.case, "operator": call.operator,
            "consent": call.consent,
        }  # fmt: skip
        return own, self.what.model_dump(mode="json"), wants, self.now


def mostly(usual: Any, *others: Any, times: int = 9) -> st.SearchStrategy[Any]:
    """The usual value nine times of ten."""
    return st.sampled_from([usual] * times + list(others))


instants = st.one_of(
    st.integers(-3 * 1440, 3 * 1440).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.builds(
        lambda days, hour, micro: NOON.replace(hour=hour, minute=0) + timedelta(days=days, microseconds=micro),
        st.integers(-3, 3), st.sampled_from([0, 8, 18, 23]), st.integers(-1, 1),
    ),
).flatmap(lambda at: st.sampled_from([at, at.astimezone(UTC)]))  # fmt: skip
bounds = st.one_of(
    st.builds(Constraint, prefix=st.sampled_from(["1", "11621", "9", "甲", "-"])),
    st.builds(Constraint, values=st.lists(st.sampled_from([*CODES, "甲", "0"]), min_size=1, max_size=3)),
)
rules = st.builds(
    CallRules,
    hours=st.sampled_from([None] * 4 + [Hours(start="08:00", end="18:00"), Hours(start="00:00", end="24:00")]),
    case_required=mostly(False, True), operator_required=mostly(False, True),
    per_minute=st.sampled_from([None, 1]), records_max=st.sampled_from([None, 1]),
)  # fmt: skip


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    items = draw(mostly(NAMES, NAMES[:1], NAMES[2:], NAMES[::-1]))
    parameters = draw(mostly([USCC, REGION, SIZE, SINCE], [REGION], [USCC], []))
    kind = draw(mostly("unconditional", "not_shared", times=19))
    return describe(
        items=[{"name": name, "title": name, "type": "C"} for name in items], parameters=parameters,
        grade=draw(mostly("general", "important", "core")), sharing_class=kind,
        consent_required=draw(mostly(False, True)),
        not_shared_basis=BASIS if kind == "not_shared" else None,
    )  # fmt: skip


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    first, last = sorted(draw(st.tuples(st.integers(-4, 1), st.integers(-1, 4))))
    state = draw(mostly(GrantState.ACTIVE, *GrantState, times=12))
    return a_grant(
        state=state, because="原因", held_by=draw(st.sampled_from(Side)) if state is GrantState.SUSPENDED else None,
        client_id=draw(mostly("registration", "other")), valid_from=(NOON + timedelta(first)).date(),
        valid_until=(NOON + timedelta(last)).date(), matter=draw(mostly(None, "M-1")), rules=draw(rules),
        fields=draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)),
        parameters=draw(st.dictionaries(mostly("uscc", "region", "size"), bounds, max_size=2)),
    )  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> Call:
    given = draw(st.sets(mostly("region", "size", "since", "unknown", times=3), max_size=2))
    names = {"uscc", *given} if draw(mostly(True, False)) else given
    wanted = draw(st.none() | st.lists(mostly("name", *NAMES, "no_such"), max_size=3))
    return a_call(
        {name: draw(st.sampled_from(VALUES[name])) for name in sorted(names)},
        client_id=draw(mostly("registration", "other")), service=draw(mostly("enterprise", "marriage")),
        purpose=draw(mostly("real-estate-registration", "tax")), matter=draw(mostly("M-1", "M-2", None, times=2)),
        case=draw(mostly("C-1", None, "")), operator=draw(mostly("李某", None, "")),
        consent=draw(mostly("TY-1", None, "")),
        fields=None if wanted is None else tuple(wanted),
    )  # fmt: skip


cases = st.builds(Case, grants(), descriptions(), calls(), instants)


def directed(**changes: Any) -> Case:
    """A case all opinions allow, with the changes: to ``grant``, ``what``, ``call``, and the hours since noon."""
    what = {"parameters": [USCC, REGION, SIZE, SINCE], **changes.get("what", {})}
    grant = a_grant(**{"because": "原因", **changes.get("grant", {})})
    return Case(
        grant,
        describe(**what),
        a_call(**changes.get("call", {})),
        NOON + timedelta(hours=changes.get("hours", 0)),
    )


DIRECTED = {
    "granted": directed(),
    "grant-revoked": directed(grant={"state": GrantState.REVOKED}),
    "grant-ended": directed(grant={"state": GrantState.ENDED}),
    "grant-suspended": directed(grant={"state": GrantState.SUSPENDED, "held_by": Side.PROVIDER}),
    "suspended-by-authority": directed(grant={"state": GrantState.SUSPENDED, "held_by": Side.AUTHORITY}),
    "grant-not-yet-valid": directed(hours=-24 * 365),
    "grant-expired": directed(hours=24 * 365),
    "wrong-client": directed(call={"client_id": "other"}),
    "wrong-service": directed(call={"service": "marriage"}),
    "wrong-purpose": directed(call={"purpose": "tax"}),
    "wrong-matter": directed(grant={"matter": "M-1"}, call={"matter": "M-2"}),
    "case-missing": directed(grant={"rules": {"case_required": True}}),
    "operator-missing": directed(grant={"rules": {"operator_required": True}}),
    "consent-missing": directed(what={"consent_required": True}),
    "outside-hours": directed(grant={"rules": {"hours": {"start": "08:00", "end": "12:00"}}}),
    "resource-not-shared": directed(what={"sharing_class": "not_shared", "not_shared_basis": BASIS}),
    "core-data": directed(what={"grade": "core"}),
    "grant-outdated": directed(what={"items": [{"name": "capital", "title": "注册资本", "type": "Y"}]}),
    "parameter-wrong": directed(call={"parameters": {"uscc": CODES[0], "unknown": "1"}}),
    "parameter-outside-grant": directed(call={"parameters": {"uscc": CODES[2]}}),
    "field-outside-grant": directed(call={"fields": ("capital",)}),
    "field-withdrawn": directed(
        what={"items": [{"name": "uscc", "title": "代码", "type": "C"}]}, call={"fields": ("name",)}
    ),
}
"""For every reason one case that has just this one against it; chance alone does not draw all of them each time."""
