"""What the measured call needs: two departments, a resource with its mount, a grant, a system with its key.

Set up over the control API by the people who would do it, so that nothing under load was put into a table by hand.
"""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
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
MASKED: Final = ("legal_person", "phone")
_CONTENT: Final = {"legal_person": "person_name", "phone": "phone"}
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


@dataclass(frozen=True, slots=True)
class Departments:
    """Who acts at the control API: ``token_of`` gives a person's token by login, made when first asked for."""

    control: str
    token_of: Callable[[str], str]

    def act(self, login: str, method: str, path: str, given: Any = None) -> Any:
        """One act of a person; the JSON answer. Raises SetUpRefused."""
        return ask(self.control, method, path, self.token_of(login), given)

    def register(self, key_file: Path) -> None:
        """Both departments, their people, and the calling system, whose private key is written to the file.

        Raises:
            SetUpRefused.
        """
        for code, name in ((_CONSUMER, "需求部门"), (_PROVIDER, "提供部门")):
            self.act("platform-admin", "POST", "/v1/orgs", {"code": code, "name": name, "region": "621000"})
        for login, org, role in (("asks", _CONSUMER, "requester"), ("gives", _PROVIDER, "provider")):
            person = {"login": login, "name": login, "org": org, "roles": [role]}
            self.act("security-admin", "POST", "/v1/people", person)
        system = {"id": SYSTEM, "name": "基准测试系统", "org": _CONSUMER, "keys": [new_client_key(key_file)]}
        self.act("security-admin", "POST", "/v1/clients", system)

    def grant(self, upstream: str, service: str = SERVICE, number: int = 1, quota: int = _QUOTA) -> str:
        """A resource, published, and an approved application for it; the grant's id.

        Args:
            upstream: the provider's address.
            number: tells the resources of one run apart.
            quota: calls a day.

        Raises:
            SetUpRefused.
        """
        resource = str(self.act("gives", "POST", "/v1/resources", _description(service, number))["id"])
        one = f"/v1/resources/{resource}"
        mount = {"kind": "http", "url": upstream + "/{uscc}", "records_at": "/data"}
        self.act("gives", "PUT", f"{one}/mount", {"mount": mount})
        self.act("gives", "PUT", f"{one}/clearance", _clearance())
        self.act("gives", "POST", f"{one}/submit")
        self.act("platform-admin", "POST", f"{one}/publish")
        filed = self.act("asks", "POST", "/v1/applications", _form(resource, quota))
        application = f"/v1/applications/{filed['id']}"
        self.act("platform-admin", "POST", f"{application}/review", {"accept": True})
        decision = {"sign_off": _sign_off(), "narrowed": {"rules": {"masked": list(MASKED)}}}
        return str(self.act("gives", "POST", f"{application}/approve", decision)["grant_id"])


def access_token(control: str, issuer: str, key_file: Path, service: str = SERVICE) -> str:
    """A new access token of the calling system. Raises SetUpRefused."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion(SYSTEM, issuer, ClientKeyFile.read(key_file)),
        "resource": f"{issuer}/services/{service}",
    }
    return str(ask(control, "POST", "/oauth/token", form=form)["access_token"])


def _sign_off() -> dict[str, str]:
    day = local_day(datetime.now(UTC)) - timedelta(days=2)
    return {"name": "王某", "position": "科长", "on": day.isoformat()}


def _clearance() -> dict[str, Any]:
    signed = _sign_off()
    assessed = {"reference": "测量", "by": "王某", "on": signed["on"], "result": "acceptable"}
    return {"confidentiality": assessed, "head": {**signed, "reference": "测量", "result": "agreed"}}


def _description(service: str, number: int) -> dict[str, Any]:
    texts = ("uscc", "name", "legal_person", "id_number", "phone", "address", "filler")
    return {
        "code": f"307011024701/{number:06}", "service": service, "name": f"企业登记信息（{number}）",
        "classification": ["部门"], "summary": "测量用资源", "format": "service",
        "items": [{"name": name, "title": name, "type": "C", "content": _CONTENT.get(name)} for name in texts],
        "sharing_class": "conditional", "conditions": "测量", "mode": "interface", "update_cycle": "daily",
        "parameters": [{"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}],
        "daily_quota_limit": _QUOTA,
    }  # fmt: skip


def _form(resource: str, quota: int) -> dict[str, Any]:
    today = local_day(datetime.now(UTC))
    return {
        "resource_id": resource, "client": SYSTEM, "basis": "测量", "purpose": "bench", "scene": "测量",
        "scope": "测量", "mode": "interface", "fields": ["uscc", "name", "legal_person", "phone", "filler"],
        "daily_quota": quota, "valid_from": (today - timedelta(days=2)).isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(), "sign_off": _sign_off(),
    }  # fmt: skip
