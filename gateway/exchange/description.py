"""The calls' own OpenAPI document: what an integrator needs to call a data service, served beside the calls."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from gateway.audit import AuditUnavailable
from gateway.authz import DENIALS
from gateway.exchange.admission import GrantUnsettled
from gateway.exchange.batches.routes import ROUTES as BATCH_ROUTES
from gateway.exchange.changes import SnapshotStale
from gateway.exchange.connectors.files import FileInfected, FileNotScanned, FileNotThere
from gateway.exchange.connectors.forms import Form
from gateway.exchange.connectors.table import LoginMayWrite, NoKeyToPageBy
from gateway.exchange.connectors.upper import UpperNotReady
from gateway.exchange.licences import LicenceSealNotValid, LicenceUnclear
from gateway.exchange.places import DepartmentBusy, GatewayBusy
from gateway.exchange.quota import ExchangeStopping
from gateway.exchange.reading import CallBody
from gateway.exchange.remaining import ROUTES as QUOTA_ROUTES
from gateway.exchange.streams import FileHoldsMore, FormNotOffered, TooManyStreams
from gateway.identity import TokenRefused
from gateway.identity.proofs import CallProofRefused
from gateway.storage.pool import DatabaseBusy, DatabaseDown
from gateway.web import Model, Route
from gateway.web.openapi import describe
from gateway.web.outbound import (
    UpstreamBusy,
    UpstreamInvalid,
    UpstreamResting,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from gateway.web.peer_certificate import ForwardedCertificate
from gateway.web.problems import MethodNotAllowed, RequestOverdue, UnknownPath
from gateway.web.ranges import RangeOutside

_CLIENT: Final = frozenset({"client"})
_UPSTREAM: Final = (
    UpstreamBusy, UpstreamInvalid, UpstreamResting, UpstreamStatus, UpstreamTimeout, UpstreamTooLarge, UpstreamUnreachable,
    UpperNotReady,
)  # fmt: skip
_ADMISSION: Final = (DepartmentBusy, ExchangeStopping, GatewayBusy, GrantUnsettled, SnapshotStale)
_EVERYWHERE: Final = (
    CallProofRefused, DatabaseBusy, DatabaseDown, ForwardedCertificate, MethodNotAllowed, RequestOverdue,
    TokenRefused, UnknownPath,
)  # fmt: skip
"""What every address of this listener may refuse for."""
_FILES: Final = (FileHoldsMore, FileInfected, FileNotScanned, FileNotThere, RangeOutside)
_LONG: Final = (FormNotOffered, LoginMayWrite, NoKeyToPageBy, TooManyStreams)
_LINES: Final = {
    Form.NDJSON: "One record in a line, as JSON. Complete only if the connection ends properly.",
    Form.CSV: "RFC 4180 with a header line; a text that looks like a formula gets an apostrophe in front.",
}
_LICENCE: Final = (LicenceUnclear, LicenceSealNotValid)


class Records(Model):
    """The answer to a call: records with exactly the granted (and wanted) fields.

    A licence (电子证照) always comes with its state; a verification (核验) answers one record with the state alone.
    """

    service: str
    request_id: str
    records: list[dict[str, Any]]


class CallQuery(Model):
    """A call by GET: ``fields`` separated by commas; every other name is a parameter of the service.

    Parameters that are personal information are refused here; send them by POST.
    """

    fields: Annotated[str, StringConstraints(max_length=4000)] | None = Field(default=None)


_route: Final = partial(
    Route,
    path="/services/{service}",
    handle=None,
    access=_CLIENT,
    tag="calls",
    returns=Records,
    problems=(*DENIALS, *_ADMISSION, *_UPSTREAM, *_LICENCE, *_LONG, *_FILES, AuditUnavailable),
)

ROUTES: Final = (
    _route(
        method="POST", name="call_service", summary="Call a data service", summary_zh="调用数据服务", given=CallBody
    ),
    _route(
        method="GET", name="call_service_by_query", summary="Call a data service by query",
        summary_zh="以查询串调用数据服务", given=CallQuery,
    ),
)  # fmt: skip


_LIMITS: Final = {
    "RateLimit-Policy": "The quota of a day, of a minute where that is bounded, or the calls that may be under way at once, as "
    "draft-ietf-httpapi-ratelimit-headers writes them.",
    "RateLimit": "What is left of each, and for how many seconds; of the day until midnight in Asia/Shanghai.",
}
_QUOTA: Final = {"Quota-Limit": "Calls granted per day.", "Quota-Remaining": "Calls left today.", **_LIMITS}
_HEADERS: Final = {
    "Audit-Id": "Id of the audit record of this release; its receipt is at /v1/audit/receipts/{id} of the control API.",
    "Audit-Receipt": "That receipt (C2SP tlog-proof) in base64, if asked for and ready within a second.",
    "Preference-Applied": "receipt=inline, where Audit-Receipt is there (RFC 7240).",
    "Receipt-Id": "Id of the audit record of this release; not of files, NDJSON and CSV, whose release is on record at their end.",
    "Receipt-Nonce": "With the answer's bytes it opens the record's commitment: SHA-256(nonce ‖ bytes).",
    **_QUOTA,
}
_OF_FILES: Final = {
    "Accept-Ranges": "bytes: one range may be asked for.",
    "Content-Disposition": "The file's name.",
    "ETag": "Of the file as it is now; send it as If-Range to go on with a broken download (RFC 9110 section 13.1.5).",
    "Repr-Digest": "SHA-256 of the whole file (RFC 9530).",
    "Repr-Digest-SM3": "SM3 of the whole file, hexadecimal (GB/T 32905).",
}
_ASKED: Final = {
    "If-Range": "The ETag of the file that Range continues; of another one all is sent.",
    "Prefer": "receipt=inline asks for the receipt with the answer (RFC 7240).",
    "Range": "bytes=N- or bytes=N-M: a part of a file that is given as it is.",
}
_FILE: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def openapi() -> dict[str, Any]:
    """The document; response headers carry the receipt and what is left of the quota."""
    routes = [
        replace(route, problems=(*route.problems, *_EVERYWHERE))
        for route in (*ROUTES, *QUOTA_ROUTES, *BATCH_ROUTES)
    ]
    document = describe(routes, "Data-sharing gateway: calls 数据调用")
    _tell_limits(document)
    for operation in document["paths"]["/services/{service}"].values():
        operation["parameters"] += [
            {
                "name": name,
                "in": "header",
                "required": False,
                "description": meaning,
                "schema": {"type": "string"},
            }
            for name, meaning in _ASKED.items()
        ]
        answer = operation["responses"]["200"]
        for form, meaning in _LINES.items():
            answer["content"][form.value] = {"schema": {"type": "string", "description": meaning}}
        answer["content"] |= _FILE
        answer["headers"] |= _shown(_HEADERS | _OF_FILES)
        part = {"Content-Range": "The bytes that are here, and the size of the whole file."}
        operation["responses"]["206"] = {
            "description": "A part of a file that is given as it is.",
            "headers": answer["headers"] | _shown(part),
            "content": _FILE,
        }
    return document


def _tell_limits(document: dict[str, Any]) -> None:
    """Refusals because of a limit say which one; what is left is told by the answer that is about it, too."""
    left = document["paths"]["/services/{service}/quota"]["get"]["responses"]["200"]
    left["headers"] |= _shown(_QUOTA)
    for operations in document["paths"].values():
        for operation in operations.values():
            for status in ("429", "503"):
                named = operation["responses"].get(status, {}).get("$ref", "").rpartition("/")[2]
                if named:
                    document["components"]["responses"][named]["headers"] |= _shown(_LIMITS)


def _shown(headers: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in headers.items()}
