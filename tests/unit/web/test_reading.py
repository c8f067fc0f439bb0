"""Reading JSON and forms without tolerance, and naming every fault by its place."""

import json
from contextlib import suppress
from typing import Annotated, Any, Literal

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.errors import Invalid, Malformed
from gateway.web import Code, Day, Instant, Line, Model, Note, Slug
from gateway.web.problems import WrongMediaType
from gateway.web.reading import MOST_MEMBERS, parse_json, read_form, read_json, validated

DEPTH = 32


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}x",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1 /* c */}',
        b"[1, 2,]",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xe9"}',
        b'{"a": "\xc0\xaf"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "line\nbreak"}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": -1e999}',
        b'{"a": 01}',
        b'{"a": 0x1f}',
        b'{"a": +1}',
        b'{"a": .5}',
        b'{"a": True}',
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"b": [{"a": 1, "a": 2}]}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": 9007199254740993}',
        b'{"a": -9007199254740993}',
        b'{"a": 100000000000000000000000000000000000000000}',
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_json(body, DEPTH)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 9007199254740992, "b": -9007199254740992}', {"a": 2**53, "b": -(2**53)}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        ('{"部门": "自然资源局"}'.encode(), {"部门": "自然资源局"}),
        (b'{"a": {"b": 1}, "c": {"b": 1}}', {"a": {"b": 1}, "c": {"b": 1}}),
        (b" [] ", []),
        (b'"text"', "text"),
        (b"1e3", 1000.0),
    ],
)
def test_plain_json_is_read(body: bytes, value: Any) -> None:
    assert parse_json(body, DEPTH) == value


@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_accepted_at_the_limit_and_refused_one_beyond(pair: tuple[bytes, bytes]) -> None:
    opened, closed = pair
    inner = b"1"
    assert parse_json(opened * DEPTH + inner + closed * DEPTH, DEPTH)
    with pytest.raises(Malformed, match="deep"):
        parse_json(opened * (DEPTH + 1) + inner + closed * (DEPTH + 1), DEPTH)


def test_members_of_an_object_are_accepted_at_the_limit_and_refused_one_beyond() -> None:
    for count in (MOST_MEMBERS, MOST_MEMBERS + 1):
        body = json.dumps({"inner": [{str(at): at for at in range(count)}]}).encode()
        if count == MOST_MEMBERS:
            assert len(read_json(_posted("application/json"), body, DEPTH)["inner"][0]) == count
        else:
            with pytest.raises(Malformed, match="members"):
                read_json(_posted("application/json"), body, DEPTH)


def test_values_of_a_body_are_accepted_at_the_limit_and_refused_one_beyond() -> None:
    within = [[1] * 9_999] * 4 + [[1] * 9_998]
    assert read_json(_posted("application/json"), json.dumps(within).encode(), DEPTH) == within
    with pytest.raises(Malformed, match="values"):
        read_json(_posted("application/json"), json.dumps([*within[:4], [1] * 9_999]).encode(), DEPTH)


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
def test_a_hundred_thousand_brackets_are_refused_and_not_a_crash(opened: bytes) -> None:
    with pytest.raises(Malformed):
        parse_json(opened * 100_000, DEPTH)


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_no_body_raises_anything_but_malformed(body: bytes) -> None:
    with suppress(Malformed):
        parse_json(body, DEPTH)


LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))
def test_whatever_is_written_plainly_is_read_back(value: Any) -> None:
    try:
        body = json.dumps(value).encode()
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    assert parse_json(body, DEPTH) == value


def _posted(content_type: str | None) -> Any:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return make_mocked_request("POST", "/", headers=headers)


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/json-patch+json", "application/x-www-form-urlencoded"]
)
def test_json_of_another_media_type_is_refused(kind: str | None) -> None:
    with pytest.raises(WrongMediaType):
        read_json(_posted(kind), b"{}", DEPTH)


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8"])
def test_json_is_read_under_its_media_type(kind: str) -> None:
    assert read_json(_posted(kind), b"{}", DEPTH) == {}


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=1&a=1",
        b"a",
        b"a=1&b",
        b"a=%ff",
        b"a=\xe9",
        b"&",
        b"&".join(b"a%d=1" % n for n in range(51)),
    ],
)
def test_a_form_that_could_be_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_form(_posted(FORM), body)


def test_a_form_is_read_and_an_empty_one_is_empty() -> None:
    assert read_form(_posted(FORM), b"a=1&b=%E9%83%A8+x&c=") == {"a": "1", "b": "部 x", "c": ""}
    assert read_form(_posted(FORM), b"") == {}
    with pytest.raises(WrongMediaType):
        read_form(_posted("application/json"), b"a=1")


class Cat(Model):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)]
    toys: dict[Slug, Line] = {}

    @model_validator(mode="after")
    def _a_cat_is_not_dead(self) -> "Cat":
        if self.lives == 7:
            raise PydanticCustomError("period", "not seven")
        return self


class Dog(Model):
    kind: Literal["dog"]
    name: Line


class Zoo(Model):
    animals: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    note: Note | None = None
    code: Code | None = None
    on: Day | None = None
    at: Instant | None = None
    raw: dict[str, Any] = {}


CAT = {"kind": "cat", "lives": 3}


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ([], [""]),
        ("text", [""]),
        (None, [""]),
        ({"animals": {}}, ["/animals"]),
        ({"animals": [CAT, 7]}, ["/animals/1"]),
        ({"animals": [{}]}, ["/animals/0"]),
        ({"animals": [{"kind": "cow"}]}, ["/animals/0"]),
        ({"animals": [{"kind": "cat"}]}, ["/animals/0/lives"]),
        ({"animals": [CAT, {**CAT, "lives": 10}]}, ["/animals/1/lives"]),
        ({"animals": [{**CAT, "lives": 3.0}]}, ["/animals/0/lives"]),
        ({"animals": [{**CAT, "lives": True}]}, ["/animals/0/lives"]),
        ({"animals": [{**CAT, "lives": "3"}]}, ["/animals/0/lives"]),
        ({"animals": [{**CAT, "lives": 7}]}, ["/animals/0"]),
        ({"animals": [{**CAT, "cat": 1}]}, ["/animals/0/cat"]),
        ({"animals": [{**CAT, "toys": {"NO": "x"}}]}, ["/animals/0/toys/NO"]),
        ({"animals": [{**CAT, "toys": {"ball": ""}}]}, ["/animals/0/toys/ball"]),
        ({"animals": [{"kind": "dog", "name": " "}]}, ["/animals/0/name"]),
        ({"animals": [{"kind": "dog", "name": "a\nb"}]}, ["/animals/0/name"]),
        ({"a/b": 1, "c~d": 2}, ["/a~1b", "/c~0d"]),
        ({"": 1}, ["/"]),
        ({"note": "x" * 4001}, ["/note"]),
        ({"code": "-x"}, ["/code"]),
        ({"on": "2026-02-30"}, ["/on"]),
        ({"on": "0"}, ["/on"]),
        ({"on": 0}, ["/on"]),
        ({"on": "2026-01-01T00:00:00Z"}, ["/on"]),
        ({"at": "2026-01-01T00:00:00"}, ["/at"]),
        ({"at": "2026-01-01"}, ["/at"]),
        ({"at": "0"}, ["/at"]),
        ({"at": "0001-01-01T00:00:00+14:00"}, ["/at"]),
        ({"raw": {"a": ["x", "\u0000"]}}, ["/raw/a/1"]),
        ({"raw": {"a\u0007": 1}}, ["/raw/a\u0007"]),
        ({"note": "left\u202eright"}, ["/note"]),
    ],
)
def test_a_fault_is_named_by_its_place_in_the_callers_document(value: Any, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        validated(Zoo, value, strict=True)
    assert [one["pointer"] for one in refusal.value.extra["errors"]] == pointers
    assert all(one["detail"] and one["detail_zh"] for one in refusal.value.extra["errors"])


def test_what_fits_is_read_with_text_in_one_form() -> None:
    given_ = {"animals": [CAT], "note": " e\u0301\n ", "on": "2026-02-28", "at": "2026-01-01T08:00:00+08:00"}
    read = validated(Zoo, given_, strict=True)
    assert (read.note, str(read.on), str(read.at)) == ("é", "2026-02-28", "2026-01-01 00:00:00+00:00")


def test_a_refusal_repeats_little_of_what_was_sent() -> None:
    with pytest.raises(Invalid) as refusal:
        validated(Zoo, {"animals": [{"kind": "x" * 100_000}], "y" * 100_000: 1}, strict=True)
    assert len(json.dumps(refusal.value.extra)) < 3000
