"""Values of the domain with defaults, for tests without a database: a description, a form, a grant, an application."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from world import CONSUMER, PROVIDER, description, form

from gateway.audit import Cause
from gateway.authz.applications.form import Form
from gateway.authz.applications.model import Application, Route, State
from gateway.authz.grants import Allowed, Call, Grant, GrantState, Terms, compiled, decide
from gateway.catalog import Description, Resource, SharingClass
from gateway.catalog import State as ResourceState
from gateway.deadlines import SHANGHAI
from gateway.errors import GatewayError
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName

CAUSE = Cause(UUID(int=1), bytes(32))
TODAY = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 2, tzinfo=UTC)
CONTROLLED = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
UNCONTROLLED = {**CONTROLLED, "controlled": False}
ID_PARAMETER = {"name": "id_number", "title": "公民身份号码", "kind": "id_number", "personal": True}
BASIS = {"kind": "law", "citation": "《数据安全法》第二十一条", "reason": "属国家核心数据目录所列数据"}


def describe(**changes: Any) -> Description:
    """The resource of :func:`world.description`."""
    return Description.model_validate(description(**changes))


def a_resource(**changes: Any) -> Resource:
    """A draft of it, not mounted."""
    what = describe(**changes.pop("description", {}))
    made = Resource(
        id=ResourceId(UUID(int=2)), provider_org=OrgCode(PROVIDER), state=ResourceState.DRAFT, version=1,
        description=what, mount=None, mount_secret=None, drafted_by="provider", drafted_at=NOW, published_at=None,
        returned_because=None, withdrawn_because=None, cause=CAUSE,
    )  # fmt: skip
    return replace(made, **changes)


def a_form(**changes: Any) -> Form:
    """An application form, valid on :data:`TODAY`."""
    dates = {"valid_from": "2026-09-30", "valid_until": "2027-09-29"}
    sign_off = {"name": "王某", "position": "科长", "on": "2026-09-29"}
    return Form.model_validate(form(str(UUID(int=2)), **{**dates, "sign_off": sign_off, **changes}))


def terms(**changes: Any) -> Terms:
    """Two fields, one controlled parameter, the year around :data:`TODAY`."""
    return Terms.model_validate(
        {
            "fields": ["uscc", "name"],
            "parameters": {"uscc": {"prefix": "11621"}},
            "daily_quota": 10,
            "valid_from": date(2026, 1, 1),
            "valid_until": date(2026, 12, 31),
            **changes,
        }
    )


def a_grant(**changes: Any) -> Grant:
    """An active grant; names of :class:`Terms` go to its terms."""
    own = {name: changes.pop(name) for name in tuple(changes) if name not in Terms.model_fields}
    made = Grant(
        id=GrantId(UUID(int=3)), application_id=ApplicationId(UUID(int=4)), consumer_org=OrgCode(CONSUMER),
        provider_org=OrgCode(PROVIDER), client_id=ClientId("registration"), resource_id=ResourceId(UUID(int=2)),
        service=ServiceName("enterprise"), purpose="real-estate-registration", terms=terms(**changes),
        state=GrantState.ACTIVE, because=None, held_by=None, version=1, issued_at=NOW, cause=CAUSE,
    )  # fmt: skip
    return replace(made, **own)


def a_call(parameters: Mapping[str, str] | None = None, **changes: Any) -> Call:
    """A call that :func:`a_grant` allows."""
    given = {"uscc": PROVIDER} if parameters is None else parameters
    made = Call("registration", "enterprise", "real-estate-registration", given)
    return made._replace(**changes)


def instant(at: date | datetime) -> datetime:
    """Noon in Asia/Shanghai of a day; an instant as it is."""
    return at if isinstance(at, datetime) else datetime.combine(at, time(12), SHANGHAI)


def decided(grant: Grant, what: Description, call: Call, at: date | datetime) -> Allowed | GatewayError:
    """The decision on a call at an instant, or at noon of a day."""
    return decide(compiled(grant, what), call, instant(at))


def an_application(**changes: Any) -> Application:
    """An application as filed, for conditional data on the department route."""
    made = Application(
        id=ApplicationId(UUID(int=4)), resource_id=ResourceId(UUID(int=2)), resource_version=1,
        consumer_org=OrgCode(CONSUMER), provider_org=OrgCode(PROVIDER), client_id=ClientId("registration"),
        sharing_class=SharingClass.CONDITIONAL, route=Route.DEPARTMENT, state=State.FILED,
        rule_sets=("qy132", "tl809"), form=a_form(), review=None, decision=None, filed_by="requester", filed_at=NOW,
        reviewed_by=None, reviewed_at=None, decided_by=None, decided_at=None, provided_at=None, closed_at=None,
        version=1, cause=CAUSE,
    )  # fmt: skip
    return replace(made, **changes)
