"""The description is put together from the routes that serve; nothing served is left out, nothing else is in."""

from functools import partial
from typing import Annotated, Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import Field

from gateway.errors import Conflict
from gateway.web import ANYONE, SIGNED_IN, Ask, Model, Page, PageQuery, Reply, Route
from gateway.web.openapi import describe


class CupBroken(Conflict):
    """The cup is broken（杯子已碎）."""


class NewCup(Model):
    """A cup to make."""

    size: Annotated[int, Field(ge=1, le=3)]
    colour: str | None = None


class Cup(Model):
    """A cup."""

    id: str
    size: int


class CupQuery(PageQuery):
    """Which cups."""

    colour: Annotated[str, Field(max_length=9)] | None = None
    size: int


async def make_cup(_: object, ask: Ask[NewCup]) -> Reply:
    return Reply(None)


async def list_cups(_: object, ask: Ask[CupQuery]) -> Reply:
    return Reply(None)


async def drop_cup(_: object, ask: Ask[None]) -> Reply:
    return Reply(None)


async def show_shelf(_: object, ask: Ask[None]) -> Reply:
    return Reply(None)


async def add_photo(_: object, ask: Ask[CupQuery]) -> Reply:
    return Reply(None)


async def show_photo(_: object, ask: Ask[None]) -> Reply:
    return Reply(None)


_route = partial(Route, summary="Cup", summary_zh="杯", tag="cups")
ROUTES = [
    _route(
        "POST",
        "/v1/cups",
        make_cup,
        frozenset({"potter"}),
        given=NewCup,
        returns=Cup,
        status=201,
        creates=True,
    ),
    _route("GET", "/v1/cups", list_cups, SIGNED_IN, given=CupQuery, returns=Page[Cup]),
    _route("DELETE", "/v1/cups/{cup_id}/{shelf}", drop_cup, SIGNED_IN, problems=(CupBroken,)),
    _route("GET", "/v1/shelf", show_shelf, ANYONE, returns=dict[str, Any]),
    _route("POST", "/v1/photos", add_photo, SIGNED_IN, given=CupQuery, takes=("image/png", "image/gif")),
    _route("GET", "/v1/photo", show_photo, SIGNED_IN, gives=("image/png", "application/ld+json")),
]
DOCUMENT = describe(ROUTES)


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method]
    return found


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_route_is_one_operation_named_after_its_handler() -> None:
    named = {op["operationId"] for methods in DOCUMENT["paths"].values() for op in methods.values()}
    assert named == {"make_cup", "list_cups", "drop_cup", "show_shelf", "add_photo", "show_photo"}
    assert operation("post", "/v1/cups")["summary"] == "Cup · 杯"


@pytest.mark.parametrize(
    ("method", "path", "security", "roles"),
    [
        ("post", "/v1/cups", [{"bearer": []}], ["potter"]),
        ("get", "/v1/cups", [{"bearer": []}], ["+"]),
        ("get", "/v1/shelf", [], None),
    ],
)
def test_who_may_use_an_operation_is_said(
    method: str, path: str, security: list[Any], roles: list[str] | None
) -> None:
    found = operation(method, path)
    assert found["security"] == security
    assert found.get("x-roles") == roles


def test_a_body_refers_to_its_model_and_unknown_members_are_forbidden() -> None:
    body = operation("post", "/v1/cups")["requestBody"]
    assert body["required"] is True
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewCup"}
    shape = DOCUMENT["components"]["schemas"]["NewCup"]
    assert shape["additionalProperties"] is False
    assert shape["required"] == ["size"]


def answers_of(method: str, path: str) -> dict[str, Any]:
    """By status; refusals are described once for all operations that share them."""
    shared = DOCUMENT["components"]["responses"]
    return {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in operation(method, path)["responses"].items()
    }


def test_a_query_becomes_parameters_without_null() -> None:
    shown = {one["name"]: one for one in operation("get", "/v1/cups")["parameters"]}
    assert set(shown) == {"limit", "cursor", "colour", "size"}
    assert shown["colour"]["schema"] == {"maxLength": 9, "type": "string"}
    assert (shown["size"]["required"], shown["limit"]["required"]) == (True, False)
    assert shown["limit"]["schema"]["maximum"] == 200


def test_a_file_that_comes_in_is_described_by_its_media_types_beside_the_query() -> None:
    taking = operation("post", "/v1/photos")
    assert set(taking["requestBody"]["content"]) == {"image/png", "image/gif"}
    assert {one["name"] for one in taking["parameters"]} == {"limit", "cursor", "colour", "size"}
    assert {"408", "413", "415", "422"} <= set(taking["responses"])


def test_a_file_that_goes_out_is_described_with_its_name() -> None:
    given = operation("get", "/v1/photo")["responses"]["200"]
    assert given["content"]["image/png"]["schema"] == {"type": "string", "format": "binary"}
    assert given["content"]["application/ld+json"]["schema"] == {"type": "object"}
    assert "Content-Disposition" in given["headers"]


def test_path_parameters_have_their_shapes() -> None:
    shown = {one["name"]: one for one in operation("delete", "/v1/cups/{cup_id}/{shelf}")["parameters"]}
    assert shown["cup_id"]["schema"] == {"type": "string", "format": "uuid"}
    assert "pattern" in shown["shelf"]["schema"]
    assert all(one["in"] == "path" and one["required"] for one in shown.values())


def test_idempotency_is_offered_exactly_where_something_is_created() -> None:
    offering = [
        op["operationId"]
        for methods in DOCUMENT["paths"].values()
        for op in methods.values()
        if any(one["name"] == "Idempotency-Key" for one in op["parameters"])
    ]
    assert offering == ["make_cup"]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/v1/cups", {201, 400, 401, 403, 408, 409, 413, 415, 422, 500, 503}),
        ("get", "/v1/cups", {200, 400, 401, 403, 422, 500, 503}),
        ("delete", "/v1/cups/{cup_id}/{shelf}", {200, 400, 401, 403, 404, 409, 500, 503}),
        ("get", "/v1/shelf", {200, 400, 500, 503}),
    ],
)
def test_the_answers_a_route_can_give_are_listed(method: str, path: str, statuses: set[int]) -> None:
    answers = answers_of(method, path)
    assert {int(status) for status in answers} >= statuses
    for status, answer in answers.items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
            assert "（" in answer["description"]


def test_a_problem_of_a_route_is_named_in_its_description() -> None:
    assert CupBroken.title() in answers_of("delete", "/v1/cups/{cup_id}/{shelf}")["409"]["description"]
