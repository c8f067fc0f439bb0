"""One place turns a failure into an answer: members, headers, statuses."""

import json

import pytest

from gateway.errors import (
    BadSettings,
    Conflict,
    FieldFault,
    Forbidden,
    GatewayError,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
    Upstream,
)
from gateway.web.pages import _by_slug
from gateway.web.problems import all_problems, method_not_allowed, problem, problem_response, status_of

ID = "01a1fd8c-9b7d-7425-883d-959a9e27c23f"
KINDS = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    BadSettings: 500,
    GatewayError: 500,
    Upstream: 502,
    Unavailable: 503,
}


@pytest.mark.parametrize(("kind", "status"), KINDS.items())
def test_each_kind_has_its_status_and_its_subclasses_too(kind: type[GatewayError], status: int) -> None:
    class Narrower(kind):  # type: ignore[misc,valid-type]
        """Narrower（更窄）."""

    class Own(Narrower):
        """Own（自定）."""

        status = 418

    assert status_of(kind) == status_of(Narrower) == status
    assert status_of(Own) == 418


def test_a_problem_document_has_every_member_of_rfc_9457_and_both_languages() -> None:
    found = problem(NotFound("nothing", "没有", hint=1), ID, "https://gateway.example")
    assert found == {
        "type": "https://gateway.example/problems/not-found",
        "title": NotFound.title(),
        "status": 404,
        "detail": "nothing",
        "detail_zh": "没有",
        "remedy": NotFound.remedy[0],
        "remedy_zh": NotFound.remedy[1],
        "instance": f"urn:uuid:{ID}",
        "hint": 1,
    }


def test_an_answer_is_a_problem_document_that_no_cache_keeps() -> None:
    answer = problem_response(Invalid(FieldFault("/a", "bad", "有误")), ID)
    assert answer.status == 422
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Request-Id"] == ID
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["errors"] == [{"pointer": "/a", "detail": "bad", "detail_zh": "有误"}]


@pytest.mark.parametrize(
    ("error", "name", "value"),
    [
        (Unauthenticated("who", "谁"), "WWW-Authenticate", 'Bearer error="invalid_token"'),
        (TooMany("many", "多"), "Retry-After", "5"),
        (TooMany("many", "多", retry_after_seconds=77), "Retry-After", "77"),
        (Unavailable("down", "停"), "Retry-After", "5"),
        (method_not_allowed("PATCH", {"POST", "GET"}), "Allow", "GET, POST"),
    ],
)
def test_a_status_brings_the_header_it_asks_for(error: GatewayError, name: str, value: str) -> None:
    assert problem_response(error, ID).headers[name] == value


def test_a_conflict_brings_none_of_them() -> None:
    headers = problem_response(Conflict("no", "否"), ID).headers
    assert not {"WWW-Authenticate", "Retry-After", "Allow"} & set(headers)


def test_every_problem_type_has_its_page() -> None:
    pages = _by_slug()
    for kind in all_problems():
        if kind.__module__.split(".")[0] == "gateway":
            page = pages[kind.slug()]
            assert (page.title, page.status) == (kind.title(), status_of(kind))
