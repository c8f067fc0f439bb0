"""What the measured call needs: two departments, a resource with its mount, a grant, a system with its key.

Set up over the control API by the people who would do it, so that nothing under load was put into a table by hand.
"""

import http.client
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from gateway.deadlines import local_day
from gateway.errors import Unavailable
from gateway.identity.assertion import ClientKeyFile, new_client_key, signed_assertion

SERVICE: Final = "enterprise"
USCC: Final = "9144030071526726XG"
SYSTEM: Final = "bench-system"
_CONSUMER: Final = "11621000MB00000024"
_PROVIDER: Final = "11621000MB00000037"
_QUOTA: Final = 10_000_000
_SECONDS: Final = 60


class SetUpRefused(Unavailable):
    """The gateway refused to be set up for the measurement（被测网关未能完成设置）."""


def ask(
    base: str, method: str, path: str, token: str | None = None, given: Any = None, form: Any = None
) -> Any:
    """One request to the control API; its JSON answer.

    Raises:
        SetUpRefused: the answer is an error.
    """
    parts = urlsplit(base)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = None
    if form is not None:
        body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    elif given is not None:
        body, headers["Content-Type"] = json.dumps(given), "application/json"
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status >= 400:
        text = f"{method} {path}: {answer.status} {said.decode(errors='replace')[:500]}"
        raise SetUpRefused(text, text)
    return json.loads(said) if said else None


def set_up(control: str, token_of: Callable[[str], str], upstream: str, key_file: Path) -> str:
    """Everything up to the approved application; the resource's id.

    Args:
        token_of: a person's token by login, made when first asked for.
        upstream: the provider's address.
        key_file: where the calling system's private key is written.

    Raises:
        SetUpRefused.
    """

    def act(login: str, method: str, path: str, given: Any = None) -> Any:
        return ask(control, method, path, token_of(login), given)

    for code, name in ((_CONSUMER, "需求部门"), (_PROVIDER, "提供部门")):
        act("platform-admin", "POST", "/v1/orgs", {"code": code, "name": name, "region": "621000"})
    for login, org, role in (("asks", _CONSUMER, "requester"), ("gives", _PROVIDER, "provider")):
        act(
            "security-admin",
            "POST",
            "/v1/people",
            {"login": login, "name": login, "org": org, "roles": [role]},
        )
    jwk = new_client_key(key_file)
    act(
        "security-admin",
        "POST",
        "/v1/clients",
        {"id": SYSTEM, "name": "基准测试系统", "org": _CONSUMER, "keys": [jwk]},
    )
    resource = str(act("gives", "POST", "/v1/resources", _description())["id"])
    one = f"/v1/resources/{resource}"
    mount = {"kind": "http", "url": upstream + "/{uscc}", "records_at": "/data"}
    act("gives", "PUT", f"{one}/mount", {"mount": mount})
    act("gives", "PUT", f"{one}/clearance", _clearance())
    act("gives", "POST", f"{one}/submit")
    act("platform-admin", "POST", f"{one}/publish")
    filed = act("asks", "POST", "/v1/applications", _form(resource))
    application = f"/v1/applications/{filed['id']}"
    act("platform-admin", "POST", f"{application}/review", {"accept": True})
    act("gives", "POST", f"{application}/approve", {"sign_off": _sign_off()})
    return resource


def access_token(control: str, issuer: str, key_file: Path) -> str:
    """A new access token of the calling system. Raises SetUpRefused."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion(SYSTEM, issuer, ClientKeyFile.read(key_file)),
        "resource": f"{issuer}/services/{SERVICE}",
    }
    return str(ask(control, "POST", "/oauth/token", form=form)["access_token"])


def _sign_off() -> dict[str, str]:
    day = local_day(datetime.now(UTC)) - timedelta(days=2)
    return {"name": "王某", "position": "科长", "on": day.isoformat()}


def _clearance() -> dict[str, Any]:
    signed = _sign_off()
    assessed = {"reference": "测量", "by": "王某", "on": signed["on"], "result": "acceptable"}
    return {"confidentiality": assessed, "head": {**signed, "reference": "测量", "result": "agreed"}}


def _description() -> dict[str, Any]:
    texts = ("uscc", "name", "legal_person", "id_number", "phone", "address", "filler")
    return {
        "code": "307011024701/000001", "service": SERVICE, "name": "企业登记信息",
        "classification": ["部门"], "summary": "测量用资源", "format": "service",
        "items": [{"name": name, "title": name, "type": "C"} for name in texts],
        "sharing_class": "conditional", "conditions": "测量", "mode": "interface", "update_cycle": "daily",
        "parameters": [{"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}],
        "daily_quota_limit": _QUOTA,
    }  # fmt: skip


def _form(resource: str) -> dict[str, Any]:
    today = local_day(datetime.now(UTC))
    return {
        "resource_id": resource, "client": SYSTEM, "basis": "测量", "purpose": "bench", "scene": "测量",
        "scope": "测量", "mode": "interface", "fields": ["uscc", "name", "legal_person", "phone", "filler"],
        "daily_quota": _QUOTA, "valid_from": (today - timedelta(days=2)).isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(), "sign_off": _sign_off(),
    }  # fmt: skip
