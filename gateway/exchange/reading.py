"""Reading a call: its service, token, parameters and fields, before anything is decided."""

from collections.abc import Iterable, Set
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from gateway.errors import FieldFault, Invalid, Malformed
from gateway.names import is_slug
from gateway.settings import Web
from gateway.web import Code, Line, Model, read_json
from gateway.web.api import Credentials, credentials
from gateway.web.front import read_front
from gateway.web.incoming import Incoming
from gateway.web.problems import UnknownPath, method_not_allowed
from gateway.web.reading import validated

_PREFIX = "/services/"
_RECEIPT = "receipt=inline"
_PARAMETERS_MOST = 50
_FIELDS_MOST = 200
_LONGEST = 200
Value = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)]


class CallBody(Model):
    """The body of a POST: parameters as texts, the fields wanted, and what the call is for."""

    parameters: Annotated[dict[Value, Value], Field(max_length=_PARAMETERS_MOST)] = {}
    fields: Annotated[list[Value], Field(min_length=1, max_length=_FIELDS_MOST)] | None = None
    matter: Code | None = None
    """事项编码."""
    case: Code | None = None
    """办件编号."""
    operator: Line | None = None
    """操作人."""
    consent: Code | None = None
    """授权同意编号: the reference of the consent of the person the call is about."""


class Head(NamedTuple):
    """What stands before the body: the service, the token with its proof if any, the method and the query of a GET.

    ``accept`` is the header, as sent; ``inline`` says that the caller wants the receipt with the answer (``Prefer:
    receipt=inline``, RFC 7240); ``below`` is what follows the service in the path, where it is one of its batches that is asked
    for.
    """

    service: str
    shown: Credentials
    method: str
    query: dict[str, str] | None
    inline: bool = False
    accept: str = ""
    below: str = ""


class Body(NamedTuple):
    """A :class:`CallBody` that was looked at, as it is passed on."""

    parameters: dict[str, str]
    fields: list[str] | None
    matter: str | None = None
    case: str | None = None
    operator: str | None = None
    consent: str | None = None


class Wanted(NamedTuple):
    """What a caller asks of a service: in a GET everything but ``fields`` in the query is a parameter."""

    service: str
    by_query: bool
    body: Body


def read_head(request: Incoming, limits: Web) -> Head:
    """Read the head of a call: enough to say who calls, before a byte of the body is taken.

    Raises:
        Malformed, Unauthenticated, NotFound: the first thing wrong.
    """
    query, fields = read_front(request, limits)
    service = service_of(request.raw_path.partition("?")[0])
    if service is None:
        raise UnknownPath(f"services are called at {_PREFIX}<service>", f"数据服务地址为 {_PREFIX}<服务名称>")
    if request.method not in ("GET", "POST"):
        raise method_not_allowed(request.method, {"GET", "POST"})
    shown = credentials(
        fields.get(b"authorization", b"").decode("ascii"), fields.get(b"dpop", b"").decode("ascii")
    )
    inline = b"prefer" in fields and _RECEIPT in {
        one.strip().lower() for one in fields[b"prefer"].decode("ascii").split(",")
    }
    accept = fields.get(b"accept", b"").decode("ascii")
    if request.method == "GET":
        return Head(service, shown, "GET", query, inline, accept)
    if query:
        raise Malformed("a POST takes its parameters in the body", "POST 调用的参数须放在请求体中")
    return Head(service, shown, "POST", None, inline, accept)


def service_of(path: str) -> str | None:
    """The service a path calls; None if it calls none."""
    service = path.removeprefix(_PREFIX)
    return service if path.startswith(_PREFIX) and is_slug(service) else None


async def read_wanted(request: Incoming, head: Head, limits: Web) -> Wanted:
    """Read what is asked, from the query or from the body.

    Raises:
        Malformed, Invalid: the first thing wrong.
    """
    if head.query is not None:
        return asked_by_query(head.service, head.query)
    sent = await request.body(limits.body_bytes, limits.body_seconds)
    body = read_json(request, sent, limits.json_depth)
    return Wanted(head.service, False, _body(body))


def asked_by_query(service: str, query: dict[str, str]) -> Wanted:
    """What a GET asks for. Raises Invalid.

    Plain texts, as nearly all are, meet every rule of :class:`CallBody` at a glance: the front has seen to names and
    control characters.
    """
    parameters, fields = query, None
    if "fields" in query:
        parameters = dict(query)
        fields = parameters.pop("fields").split(",")
    few = len(parameters) <= _PARAMETERS_MOST and (fields is None or len(fields) <= _FIELDS_MOST)
    if few and _are_plain(parameters.values()) and (fields is None or _are_plain(fields)):
        return Wanted(service, True, Body(parameters, fields))
    given: dict[str, object] = {"parameters": parameters}
    if fields is not None:
        given["fields"] = fields
    return Wanted(service, True, _body(given))


def _body(given: object) -> Body:
    read = validated(CallBody, given, strict=True)
    return Body(read.parameters, read.fields, read.matter, read.case, read.operator, read.consent)


def _are_plain(texts: Iterable[str]) -> bool:
    return all(0 < len(text) <= _LONGEST and text.isascii() for text in texts)


def refuse_personal_query(wanted: Wanted, personal: Set[str]) -> None:
    """Personal data never stands in an address: it would end up in logs (ASVS 5.0 14.2.1).

    Raises:
        Invalid: a GET carries a parameter that is personal.
    """
    if personal and wanted.by_query and (found := sorted(personal & wanted.body.parameters.keys())):
        raise Invalid(
            *(
                FieldFault(
                    f"/parameters/{name}",
                    "personal: send it in the body of a POST",
                    "属个人信息，请改用 POST 请求体提交",
                )
                for name in found
            )
        )
