"""The gateway as its users see it: plain HTTP requests with a token, and whole answers, refusals included."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON body; ``body`` is a problem document (RFC 9457) where the status says so, ``raw`` the bytes."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes = b""

    @property
    def problem(self) -> str:
        """The last word of the problem's type, e.g. ``grant-revoked``; empty for an answer that is none."""
        return str(self.body.get("type", "")).rpartition("/")[2] if self.status >= 400 else ""

    @property
    def told(self) -> str:
        """Status and problem in one."""
        return f"{self.status} {self.problem}".strip()


class NotAsExpected(Exception):
    """The gateway answered another way than this part of the story needs."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.told)
        self.answer = answer


def ask(
    base: str,
    method: str,
    path: str,
    *,
    token: str | None = None,
    query: Mapping[str, str] | None = None,
    given: Any = None,
    form: Mapping[str, str] | None = None,
    file: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request.

    Args:
        base: a listener's address.
        given: sent as JSON.
        form: sent as a form.
        file: sent as it is.
        more: further headers.

    Raises:
        OSError, http.client.HTTPException: there was no answer.
    """
    parts = urlsplit(base)
    headers = {"Accept": "application/json", **(more or {})}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body: str | bytes | None = None
    if form is not None:
        body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    elif file is not None:
        body, headers["Content-Type"] = file, "application/octet-stream"
    elif given is not None:
        body, headers["Content-Type"] = json.dumps(given), "application/json"
    target = f"{path}?{urlencode(query)}" if query else path
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        kind = answer.headers.get_content_type()
        is_json = said and (kind == "application/json" or kind.endswith("+json"))
        return Answer(answer.status, dict(answer.getheaders()), json.loads(said) if is_json else {}, said)
    finally:
        connection.close()


def expected(answer: Answer, *statuses: int) -> dict[str, Any]:
    """The body of an answer that is one of these.

    Raises:
        NotAsExpected: it is not.
    """
    if answer.status not in statuses:
        raise NotAsExpected(answer)
    return answer.body
