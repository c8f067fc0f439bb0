"""Reading a call: its service, token, parameters and fields, before anything is decided."""

from dataclasses import dataclass
from typing import Annotated

from aiohttp.web import BaseRequest
from pydantic import Field, StringConstraints

from gateway.errors import FieldFault, Invalid, Malformed
from gateway.names import is_slug
from gateway.settings import Web
from gateway.web import Code, Line, Model, check_front, read_body, read_json
from gateway.web.api import Credentials, credentials
from gateway.web.problems import UnknownPath, method_not_allowed
from gateway.web.reading import validated

_PREFIX = "/services/"
_RECEIPT = "receipt=inline"
Value = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CallBody(Model):
    """The body of a POST: parameters as texts, the fields wanted, and what the call is for."""

    parameters: Annotated[dict[Value, Value], Field(max_length=50)] = {}
    fields: Annotated[list[Value], Field(min_length=1, max_length=200)] | None = None
    matter: Code | None = None
    """事项编码."""
    case: Code | None = None
    """办件编号."""
    operator: Line | None = None
    """操作人."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body: the service, the token with its proof if any, the method and the query of a GET.

    ``inline`` says that the caller wants the receipt with the answer (``Prefer: receipt=inline``, RFC 7240); ``below`` is what
    follows the service in the path, where it is one of its batches that is asked for.
    """

    service: str
    shown: Credentials
    method: str
    query: dict[str, str] | None
    inline: bool = False
    below: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks of a service: in a GET everything but ``fields`` in the query is a parameter."""

    service: str
    by_query: bool
    body: CallBody


def read_head(request: BaseRequest, limits: Web) -> Head:
    """Read the head of a call: enough to say who calls, before a byte of the body is taken.

    Raises:
        Malformed, Unauthenticated, NotFound: the first thing wrong.
    """
    query = check_front(request, limits)
    path = request.raw_path.partition("?")[0]
    service = path.removeprefix(_PREFIX)
    if not path.startswith(_PREFIX) or not is_slug(service):
        raise UnknownPath(f"services are called at {_PREFIX}<service>", f"数据服务地址为 {_PREFIX}<服务名称>")
    if request.method not in ("GET", "POST"):
        raise method_not_allowed(request.method, {"GET", "POST"})
    shown = credentials(request)
    inline = _RECEIPT in {one.strip().lower() for one in request.headers.get("Prefer", "").split(",")}
    if request.method == "GET":
        return Head(service, shown, "GET", query, inline)
    if query:
        raise Malformed("a POST takes its parameters in the body", "POST 调用的参数须放在请求体中")
    return Head(service, shown, "POST", None, inline)


async def read_wanted(request: BaseRequest, head: Head, limits: Web) -> Wanted:
    """Read what is asked, from the query or from the body.

    Raises:
        Malformed, Invalid: the first thing wrong.
    """
    if head.query is not None:
        return Wanted(head.service, True, _from_query(head.query))
    sent = await read_body(request, limits.body_bytes, limits.body_seconds)
    body = read_json(request, sent, limits.json_depth)
    return Wanted(head.service, False, validated(CallBody, body, strict=True))


def _from_query(query: dict[str, str]) -> CallBody:
    parameters = {name: value for name, value in query.items() if name != "fields"}
    given: dict[str, object] = {"parameters": parameters}
    if "fields" in query:
        given["fields"] = query["fields"].split(",")
    return validated(CallBody, given, strict=True)


def refuse_personal_query(wanted: Wanted, personal: set[str]) -> None:
    """Personal data never stands in an address: it would end up in logs (ASVS 5.0 14.2.1).

    Raises:
        Invalid: a GET carries a parameter that is personal.
    """
    if wanted.by_query and (found := sorted(personal & wanted.body.parameters.keys())):
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
