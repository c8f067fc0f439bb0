"""Reading a call: its service, token, parameters and fields, before anything is decided."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Annotated

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


@dataclass(frozen=True, slots=True)
class Head:
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks of a service: in a GET everything but ``fields`` in the query is a parameter."""

    service: str
    by_query: bool
    body: CallBody


def read_head(request: Incoming, limits: Web) -> Head:
    """Read the head of a call: enough to say who calls, before a byte of the body is taken.

    Raises:
        Malformed, Unauthenticated, NotFound: the first thing wrong.
    """
    query, fields = read_front(request, limits)
    path = request.raw_path.partition("?")[0]
    service = path.removeprefix(_PREFIX)
    if not path.startswith(_PREFIX) or not is_slug(service):
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


async def read_wanted(request: Incoming, head: Head, limits: Web) -> Wanted:
    """Read what is asked, from the query or from the body.

    Raises:
        Malformed, Invalid: the first thing wrong.
    """
    if head.query is not None:
        return asked_by_query(head.service, head.query)
    sent = await request.body(limits.body_bytes, limits.body_seconds)
    body = read_json(request, sent, limits.json_depth)
    return Wanted(head.service, False, validated(CallBody, body, strict=True))


def asked_by_query(service: str, query: dict[str, str]) -> Wanted:
    """What a GET asks for. Raises Invalid.

    Plain texts, as nearly all are, meet every rule of :class:`CallBody` at a glance: the front has seen to names and
    control characters.
    """
    parameters = dict(query)
    named = parameters.pop("fields", None)
    fields = named.split(",") if named is not None else None
    few = len(parameters) <= _PARAMETERS_MOST and (fields is None or len(fields) <= _FIELDS_MOST)
    if few and all(_is_plain(text) for text in (*parameters.values(), *(fields or ()))):
        body = CallBody.model_construct(
            parameters=parameters, fields=fields, matter=None, case=None, operator=None
        )
        return Wanted(service, True, body)
    given: dict[str, object] = {"parameters": parameters}
    if fields is not None:
        given["fields"] = fields
    return Wanted(service, True, validated(CallBody, given, strict=True))


def _is_plain(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isascii()


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
