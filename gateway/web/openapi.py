"""The OpenAPI 3.1 description, assembled from the same routes that serve."""

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from gateway import __version__
from gateway.errors import Forbidden, GatewayError, Invalid, Malformed, NotFound, Unauthenticated, Unavailable
from gateway.storage import IdempotencyKeyReused
from gateway.web.model import Model
from gateway.web.problems import (
    AddressTooLong,
    ExpectationRefused,
    HeadTooLarge,
    InternalFault,
    TooLarge,
    TooSlow,
    WrongMediaType,
    status_of,
)
from gateway.web.routes import ANYONE, Route

_REF = "#/components/schemas/{model}"
_HEAD: Final = {
    "Request-Id": {"schema": {"type": "string"}},
    "Audit-Id": {"description": "The audit record this left, if it left one.", "schema": {"type": "string"}},
}
_RETRY: Final = {
    "Retry-After": {
        "description": "Seconds after which another attempt is worth it.",
        "schema": {"type": "string"},
    }
}
_ASKED_OF_RANGES: Final = {
    "Range": "bytes=N- or bytes=N-M: a part of the file (RFC 9110 section 14).",
    "If-Range": "The ETag of the file that Range continues; of another one all is sent.",
}
_SAID_OF_RANGES: Final = {
    "Accept-Ranges": "bytes: one range may be asked for.",
    "ETag": "Of the file; send it as If-Range to go on with a broken download (RFC 9110 section 13.1.5).",
}
_SAID_OF_PARTS: Final = {"Content-Range": "The bytes that are here, and the size of the whole file."}
_NOT_YET: Final = {
    "description": "Not there yet: ask again after Retry-After.",
    "headers": {**_HEAD, "Retry-After": {"schema": {"type": "string"}}},
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["state"], "properties": {"state": {"const": "pending"}}}
        }
    },
}
_ALWAYS: tuple[type[GatewayError], ...] = (
    InternalFault,
    Malformed,
    AddressTooLong,
    ExpectationRefused,
    HeadTooLarge,
    Unavailable,
)
_WITH_BODY: tuple[type[GatewayError], ...] = (TooLarge, WrongMediaType, TooSlow)


class FieldFaultShown(Model):
    """One faulty field."""

    pointer: str
    detail: str
    detail_zh: str


def describe(
    routes: Iterable[Route], title: str = "Data-sharing gateway 政务数据共享交换网关"
) -> dict[str, Any]:
    """The document for ``routes``; schemas are named after their models."""
    routes = list(routes)
    schemas = _schemas(routes)
    paths: dict[str, Any] = {}
    refusals: dict[str, Any] = {}
    for route in routes:
        refusals |= {_named(kinds): _refusal(kinds) for kinds in _refusals(route).values()}
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": title,
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Control API: catalogue, applications, grants, identity, audit. "
            "Failures are RFC 9457 problem documents.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas["components"], "Problem": _PROBLEM},
            "responses": dict(sorted(refusals.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document; detail and remedy in English and Chinese.",
    "required": ["type", "title", "status", "detail", "detail_zh", "remedy", "remedy_zh", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "remedy": {"type": "string"},
        "remedy_zh": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "detail_zh"],
                "properties": {name: {"type": "string"} for name in ("pointer", "detail", "detail_zh")},
            },
        },
    },
}


def _schemas(routes: list[Route]) -> dict[str, Any]:
    inputs = [
        (("given", route.operation_id), "validation", TypeAdapter(route.given))
        for route in routes
        if route.given
    ]
    outputs = [
        (("returns", route.operation_id), "serialization", TypeAdapter(route.returns))
        for route in routes
        if route.returns is not None
    ]
    found, shared = TypeAdapter.json_schemas(
        [*inputs, *outputs],  # type: ignore[list-item]  # the literal modes are inferred as str
        ref_template=_REF,
        schema_generator=GenerateJsonSchema,
    )
    return {
        "components": shared.get("$defs", {}),
        "by_route": {key: schema for (key, _mode), schema in found.items()},
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": f"{route.summary} · {route.summary_zh}",
        "tags": [route.tag],
        "security": [] if route.access == ANYONE else [{"bearer": []}],
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route, schemas),
            *_header_parameters(route),
        ],
        "responses": _responses(route, schemas),
    }
    if route.access != ANYONE:
        operation["x-roles"] = sorted(route.access)
    if route.takes_body and route.given:
        kind = "application/x-www-form-urlencoded" if route.form else "application/json"
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": schemas["by_route"][("given", route.operation_id)]}},
        }
    if route.takes:
        operation["requestBody"] = {"required": True, "content": _bytes_of(route.takes)}
    return operation


def _bytes_of(kinds: tuple[str, ...]) -> dict[str, Any]:
    """Files: JSON kinds are objects, others bytes (OpenAPI 3.1 section 4.8.14.3)."""
    binary = {"type": "string", "format": "binary"}
    return {kind: {"schema": {"type": "object"} if kind.endswith("json") else dict(binary)} for kind in kinds}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    shapes: dict[str, Any] = {"id": {"type": "string", "format": "uuid"}}
    plain = {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,80}$"}
    return [
        {"name": name, "in": "path", "required": True, "schema": shapes.get(name.rpartition("_")[2], plain)}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if route.takes_body or route.given is None:
        return []
    schema = schemas["by_route"][("given", route.operation_id)]
    if "$ref" in schema:
        schema = schemas["components"][schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _without_null(shape)}
        for name, shape in schema.get("properties", {}).items()
    ]


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    options = [one for one in shape.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        shape = {**{k: v for k, v in shape.items() if k not in ("anyOf", "default")}, **options[0]}
    return {key: value for key, value in shape.items() if key != "title"}


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    if route.ranges:
        return [
            {
                "name": name,
                "in": "header",
                "required": False,
                "description": meaning,
                "schema": {"type": "string"},
            }
            for name, meaning in _ASKED_OF_RANGES.items()
        ]
    if not route.creates:
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key and body again return what the first request made.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"},
        }
    ]


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if route.gives:
        named = {"Content-Disposition": {"description": "RFC 6266", "schema": {"type": "string"}}}
        answers[str(route.status)] = {
            "description": "The file.",
            "headers": {**_HEAD, **named},
            "content": _bytes_of(route.gives),
        }
        if route.ranges:
            whole = answers[str(route.status)]
            whole["headers"] |= _shown(_SAID_OF_RANGES)
            answers["206"] = {
                **whole, "description": "A part of the file.", "headers": whole["headers"] | _shown(_SAID_OF_PARTS),
            }  # fmt: skip
    elif route.returns is None:
        answers[str(route.status)] = {"description": "Done.", "headers": dict(_HEAD)}
    else:
        schema = schemas["by_route"][("returns", route.operation_id)]
        answers[str(route.status)] = {
            "description": "Done.",
            "headers": dict(_HEAD),
            "content": {"application/json": {"schema": schema}},
        }
    if route.waits:
        answers["202"] = _NOT_YET
    for status, kinds in _refusals(route).items():
        answers[str(status)] = {"$ref": f"#/components/responses/{_named(kinds)}"}
    return answers


def _shown(headers: dict[str, str]) -> dict[str, Any]:
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in headers.items()}


def _named(kinds: list[type[GatewayError]]) -> str:
    """Operations refuse mostly for the same reasons, so each set of them is described once, under its classes' names."""
    return ".".join(sorted({kind.__name__ for kind in kinds}))


def _refusal(kinds: list[type[GatewayError]]) -> dict[str, Any]:
    waits = any(status_of(kind) in (429, 503) for kind in kinds)
    return {
        "description": "; ".join(sorted({kind.title() for kind in kinds})),
        "headers": _HEAD | _RETRY if waits else dict(_HEAD),
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }


def _refusals(route: Route) -> dict[int, list[type[GatewayError]]]:
    kinds = [*_ALWAYS, *route.problems]
    if route.access != ANYONE:
        kinds += [Unauthenticated, Forbidden]
    if route.takes_body or route.takes:
        kinds += _WITH_BODY
    if route.given is not None:
        kinds.append(Invalid)
    if route.creates:
        kinds.append(IdempotencyKeyReused)
    if "{" in route.path:
        kinds.append(NotFound)
    found: dict[int, list[type[GatewayError]]] = {}
    for kind in kinds:
        found.setdefault(status_of(kind), []).append(kind)
    return dict(sorted(found.items()))
