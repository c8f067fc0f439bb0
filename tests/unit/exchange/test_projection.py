"""An answer written anew: the quick way and the strict one agree, and only the strict one refuses."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from makes import a_resource

from gateway.catalog import HttpMount
from gateway.exchange.projection import Projection, Shown
from gateway.exchange.quick import Quick
from gateway.web.outbound import UpstreamInvalid, UpstreamTooLarge

TYPES = {"uscc": "C", "name": "C", "capital": "Y", "staff": "I", "listed": "L", "other": "G", "founded": "D"}
ITEMS: list[dict[str, Any]] = [
    {"name": name, "title": "某项", "type": kind, **({"length": 18} if name == "uscc" else {})}
    for name, kind in TYPES.items()
]
RECORD = {
    "uscc": "91330106673959654P", "name": "示例企业", "capital": 12.5, "staff": 7, "listed": True,
    "other": None, "founded": "1990-01-31", "secret": "内部",
}  # fmt: skip


def projection(
    fields: Sequence[str] = ("uscc", "name"),
    masked: Sequence[str] = (),
    records_at: str = "/data",
    sources: dict[str, str] | None = None,
    rows: int = 5,
    **item: Any,
) -> Projection:
    """Of a service with items of every kind; ``item`` adds to each of them."""
    mount = HttpMount(
        kind="http", url="http://127.0.0.1/{uscc}", records_at=records_at, sources=sources or {}
    )
    items = [{**each, **item} for each in ITEMS]
    return Projection(a_resource(description={"items": items}, mount=mount), fields, masked, rows)


def text(value: Any, **how: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **how).encode()


def read_quickly(one: Projection, body: bytes) -> list[Any] | None:
    assert one._quick is not None
    return one._quick.read(body)


def strictly(one: Projection, body: bytes) -> Shown | str:
    """What becomes of a body where nothing was learnt."""
    fresh = Projection.__new__(Projection)
    for name, value in vars(one).items():
        setattr(fresh, name, None if name == "_quick" else value)
    return outcome(fresh, body)


def outcome(one: Projection, body: bytes) -> Shown | str:
    try:
        return one.of_answer(body)
    except (UpstreamInvalid, UpstreamTooLarge) as refused:
        return f"{type(refused).__name__}: {refused}"


@pytest.mark.parametrize("records_at", ["", "/data", "/data/rows"])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_second_answer_of_a_kind_is_read_quickly_and_shows_the_same(
    records_at: str, indent: int | None
) -> None:
    one = projection(list(TYPES), records_at=records_at, sources={"name": "mc"})
    for count in (1, 2, 5, 1, 0, 3):
        value: Any = [{"mc": "甲", **RECORD}] * count
        for name in reversed(records_at.split("/")[1:]):
            value = {"code": 0, name: value, "page": {"no": 1}}
        body = text(value, indent=indent)
        assert outcome(one, body) == strictly(one, body)
        found = read_quickly(one, body)
        assert found is not None
        assert len(found) == count


def test_one_record_without_a_list_is_read_quickly() -> None:
    one = projection()
    body = text({"data": RECORD})
    shown = one.of_answer(body)
    assert read_quickly(one, body) is not None
    assert (
        one.of_answer(body)
        == shown
        == Shown(
            b'[{"uscc":"91330106673959654P","name":"\xe7\xa4\xba\xe4\xbe\x8b\xe4\xbc\x81\xe4\xb8\x9a"}]', 1
        )
    )


GOOD = text({"data": [RECORD, RECORD]})
CHANGED = {
    "a wanted name twice": GOOD.replace(b'"name"', b'"uscc"', 1),
    "a wanted name twice, then missing": GOOD.replace(b'"secret"', b'"name"', 1),
    "an unwanted name twice": GOOD.replace(b'"founded"', b'"secret"', 1),
    "the records twice": GOOD.replace(b'{"data"', b'{"data":[],"data"', 1),
    "a blank before the colon of a second": GOOD.replace(b'"secret":', b'"name" :', 1),
    "an escaped second": GOOD.replace(b'"secret"', b'"\\u006eame"', 1),
    "a value that looks like a name": GOOD.replace("内部".encode(), b":", 1),
    "a name in a value": GOOD.replace("内部".encode(), b"name", 1),
    "something nested": GOOD.replace('"内部"'.encode(), b'{"a":1}', 1),
    "something listed": GOOD.replace('"内部"'.encode(), b"[[[]]]", 1),
    "deep nesting": GOOD.replace('"内部"'.encode(), b"[" * 40 + b"]" * 40, 1),
    "very deep nesting": GOOD.replace('"内部"'.encode(), b"[" * 9000 + b"]" * 9000, 1),
    "bytes that are no text": GOOD.replace("内部".encode(), b"\xff", 1),
    "a name that is no text": GOOD.replace(b'"secret"', b'"\xff"', 1),
    "no number": GOOD.replace(b"12.5", b"NaN", 1),
    "a number beyond all": GOOD.replace(b"12.5", b"1e999", 1),
    "an integer beyond 2^53": GOOD.replace(b"7", b"9007199254740993", 1),
    "a cut end": GOOD[:-1],
    "a second value": GOOD + GOOD,
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "a number for a text": GOOD.replace('"示例企业"'.encode(), b"7", 1),
    "too long a text": GOOD.replace(b"654P", b"654PX", 1),
    "a lone surrogate": GOOD.replace("示例企业".encode(), b"\\ud800", 1),
    "a missing name": GOOD.replace(b'"name"', b'"title"', 1),
    "other names around": GOOD.replace(b'{"data"', b'{"code":0,"data"', 1),
    "a wanted name around": GOOD.replace(b'{"data"', b'{"name":0,"data"', 1),
    "records elsewhere": GOOD.replace(b"data", b"rows", 1),
    "more records than allowed": text({"data": [RECORD] * 6}),
    "no objects": text({"data": ["a", "b"]}),
    "nothing": b"",
    "digits for an integer": GOOD.replace(b'"staff": 7', b'"staff": "07"', 1),
    "a decimal with a sign": GOOD.replace(b"12.5", b'"+012.50"', 1),
    "a decimal and a line feed": GOOD.replace(b"12.5", b'"12.50\\n"', 1),
    "a word for a truth value": GOOD.replace(b"true", '"是"'.encode(), 1),
    "a whole number as decimal for an integer": GOOD.replace(b'"staff": 7', b'"staff": 7.0', 1),
    "a zero with a sign": GOOD.replace(b"12.5", b"-0", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_an_answer_learnt_from_does_not_cover_is_judged_strictly(name: str) -> None:
    one, body = projection(list(TYPES)), CHANGED[name]
    one.of_answer(GOOD)
    assert read_quickly(one, GOOD) is not None
    assert outcome(one, body) == strictly(one, body)


def test_the_record_s_own_names_around_it_are_never_counted_on() -> None:
    """``{"data": [{"uscc"…, "name" twice}]}`` holds as many names as ``{"data": [{…}], "name": …}``."""
    one = projection()
    one.of_answer(b'{"data":[{"uscc":"1","name":"a"}],"name":"b"}')
    twice = b'{"data":[{"uscc":"1","name":"a","name":"b"}]}'
    assert "UpstreamInvalid" in str(outcome(one, twice))


names = st.sampled_from([*TYPES, "secret", "mc", "data", "code"])
scalars = (
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6) | st.sampled_from(["12", "-0.10", "1e5", "true", "1990-01-31", ":", "name", "\\"])
)  # fmt: skip
right = st.fixed_dictionaries(
    {name: st.just(value) if name == "secret" else st.just(value) | scalars for name, value in RECORD.items()}
)  # values nobody asked for are judged by the strict way only
good = st.fixed_dictionaries({name: st.just(value) for name, value in RECORD.items()})
odd = st.lists(st.tuples(names, scalars | st.lists(scalars, max_size=2)), max_size=9)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    learnt=st.lists(good, min_size=1, max_size=3),
    records=st.lists(st.one_of(good.map(lambda one: list(one.items())), right.map(lambda one: list(one.items())), odd), max_size=4),
    around=st.lists(st.tuples(names, scalars), max_size=2),
    fields=st.lists(st.sampled_from(list(TYPES)), unique=True, min_size=1),
    masked=st.lists(st.sampled_from(list(TYPES)), unique=True),
)  # fmt: skip
@example(
    learnt=[RECORD],
    records=[[("uscc", "1"), ("name", "a"), ("name", "b")]],
    around=[],
    fields=["uscc", "name"],
    masked=[],
)
def test_both_ways_agree_on_whatever_is_read_quickly(
    learnt: list[dict[str, Any]], records: list[list[tuple[str, Any]]], around: list[tuple[str, Any]],
    fields: list[str], masked: list[str],
) -> None:  # fmt: skip
    def written(pairs: list[tuple[str, Any]]) -> str:
        return "{{{}}}".format(
            ",".join(f"{json.dumps(n)}:{json.dumps(v, ensure_ascii=False)}" for n, v in pairs)
        )

    one = projection(fields, masked)
    one.of_answer(text({"data": learnt}))
    try:
        inner = f'"data":[{",".join(map(written, records))}]'
        body = "{{{}}}".format(",".join([inner, *(written([pair])[1:-1] for pair in around)]))
        sent = body.encode()
    except UnicodeEncodeError:
        return
    assert outcome(one, sent) == strictly(one, sent)


def test_only_the_masked_form_of_a_masked_field_leaves_either_way() -> None:
    one = projection(
        ["name", "founded", "staff", "listed", "capital"], ["name", "founded", "staff", "listed"]
    )
    body = text({"data": [{**RECORD, "capital": 1}]})
    for _ in range(2):
        assert json.loads(one.of_answer(body).records) == [
            {"name": "示****", "founded": "1990****", "staff": "****", "listed": "****", "capital": 1}
        ]
    assert read_quickly(one, body) is not None


def test_a_text_that_is_no_unicode_is_the_provider_s_fault() -> None:
    with pytest.raises(UpstreamInvalid):
        projection(["other"], records_at="").written([{"other": "\ud800"}])


def test_names_that_cannot_be_counted_are_always_read_strictly() -> None:
    for sources in ({"name": 'a"b'}, {"name": "a\\b"}, {"name": "uscc"}, {"name": "data"}):
        one = projection(sources=sources)
        assert one._quick is None
    assert isinstance(projection(sources={"name": "名称"})._quick, Quick)


def test_a_keyword_of_python_is_a_name_like_any_other() -> None:
    one = projection(sources={"uscc": "class", "name": "__init__"})
    body = text({"data": [{"class": "1", "__init__": "a"}]})
    assert [msgspec.json.decode(one.of_answer(body).records) for _ in range(2)] == [
        [{"uscc": "1", "name": "a"}]
    ] * 2
