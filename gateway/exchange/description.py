"""The calls' own OpenAPI document: what an integrator needs to call a data service, served beside the calls."""

from functools import partial
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from gateway.audit import AuditUnavailable
from gateway.authz import DENIALS
from gateway.exchange.batches.routes import ROUTES as BATCH_ROUTES
from gateway.exchange.connectors.files import FileInfected, FileNotScanned, FileNotThere
from gateway.exchange.connectors.forms import Form
from gateway.exchange.connectors.table import LoginMayWrite, NoKeyToPageBy
from gateway.exchange.licences import LicenceSealNotValid, LicenceUnclear
from gateway.exchange.ranges import RangeOutside
from gateway.exchange.reading import CallBody
from gateway.exchange.streams import FileHoldsMore, FormNotOffered, TooManyStreams
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

_CLIENT: Final = frozenset({"client"})
_UPSTREAM: Final = (
    UpstreamBusy, UpstreamInvalid, UpstreamResting, UpstreamStatus, UpstreamTimeout, UpstreamTooLarge, UpstreamUnreachable,
)  # fmt: skip
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
    problems=(*DENIALS, *_UPSTREAM, *_LICENCE, *_LONG, *_FILES, AuditUnavailable),
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


def openapi() -> dict[str, Any]:
    """The document; response headers carry the receipt and what is left of the quota."""
    document = describe((*ROUTES, *BATCH_ROUTES), "Data-sharing gateway: calls 数据调用")
    described = {
        "Audit-Id": "Id of the audit record of this release; its receipt is at /v1/audit/receipts/{id} of the control API.",
        "Audit-Receipt": "That receipt (C2SP tlog-proof) in base64, if asked for and ready within a second.",
        "Preference-Applied": "receipt=inline, where Audit-Receipt is there (RFC 7240).",
        "Receipt-Id": "Id of the audit record of this release.",
        "Receipt-Nonce": "With the answer's bytes it opens the record's commitment: SHA-256(nonce ‖ bytes).",
        "Quota-Limit": "Calls granted per day.",
        "Quota-Remaining": "Calls left today.",
        "RateLimit-Policy": "The quota of a day, as draft-ietf-httpapi-ratelimit-headers writes it.",
        "RateLimit": "Calls left today, and the seconds until midnight in Asia/Shanghai.",
    }
    prefer = {"name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"}}
    for operation in document["paths"]["/services/{service}"].values():
        operation["parameters"].append(
            {**prefer, "description": "receipt=inline asks for the receipt with the answer (RFC 7240)."}
        )
        headers = operation["responses"]["200"]["headers"]
        for form, meaning in _LINES.items():
            content = operation["responses"]["200"]["content"]
            content[form.value] = {"schema": {"type": "string", "description": meaning}}
        for name, meaning in described.items():
            headers[name] = {"description": meaning, "schema": {"type": "string"}}
    return document
