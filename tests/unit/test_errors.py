"""Every refusal of the package: documented in both languages, with a slug, a status and a next step of its own."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator

import pytest

import gateway
from gateway.errors import FieldFault, Forbidden, GatewayError, Invalid, Malformed, NotFound
from gateway.web.problems import status_of

HAN = re.compile(r"[\u4e00-\u9fff]")
TITLE = re.compile(r"[A-Z][^（）]*[^（）.。 ]（[^（）]*[\u4e00-\u9fff][^（）]*）(?:\.|$)")


def refusals() -> Iterator[type[GatewayError]]:
    """Every subclass that a module of the gateway defines."""
    for found in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    todo: list[type[GatewayError]] = [GatewayError]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.split(".")[0] == "gateway":
            yield kind


ALL = sorted(set(refusals()), key=lambda kind: f"{kind.__module__}.{kind.__name__}")


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug())
def test_a_refusal_says_its_title_and_next_step_in_both_languages(kind: type[GatewayError]) -> None:
    assert "__doc__" in vars(kind), "it has its parent's title"
    first_line = (kind.__doc__ or "").strip().split("\n")[0]
    assert TITLE.fullmatch(first_line), f"English（中文）. is expected, not {first_line!r}"
    assert kind.title() == first_line.rstrip(".")
    english, chinese = kind.remedy
    assert english[0].isupper()
    assert not HAN.search(english.replace("(GB", ""))
    assert HAN.search(chinese)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.slug())
def test_a_refusal_has_a_status_of_a_failure_and_a_slug_for_addresses(kind: type[GatewayError]) -> None:
    assert 400 <= status_of(kind) <= 599
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", kind.slug())


def test_no_two_refusals_share_a_slug_or_a_title() -> None:
    for named in (GatewayError.slug, GatewayError.title):
        counted = Counter(named.__func__(kind) for kind in ALL)  # type: ignore[attr-defined]
        assert [name for name, count in counted.items() if count > 1] == []


def test_the_walk_finds_the_refusals_of_every_floor() -> None:
    rooms = {kind.__module__.split(".")[1] for kind in ALL}
    assert rooms >= {
        "errors",
        "seals",
        "storage",
        "web",
        "audit",
        "identity",
        "catalog",
        "authz",
        "exchange",
        "cli",
    }


def test_a_slug_is_the_name_in_words() -> None:
    class GrantGone(Forbidden):
        """Gone（已失效）."""

    class NoJWKHere2(NotFound):
        """None（没有）."""

    assert GrantGone.slug() == "grant-gone"
    assert NoJWKHere2.slug() == "no-jwkhere2"


def test_further_members_are_kept_and_the_detail_is_the_message() -> None:
    error = Forbidden("not so", "不可", grant="g1")
    assert (str(error), error.detail, error.detail_zh, error.extra) == (
        "not so",
        "not so",
        "不可",
        {"grant": "g1"},
    )


def test_invalid_names_the_first_field_and_counts_the_others() -> None:
    error = Invalid(FieldFault("/a", "is bad", "有误"), FieldFault("/b", "is worse", "更有误"))
    assert error.detail == "/a: is bad (and 1 more)"
    assert error.detail_zh == "/a：有误（另有 1 处）"
    assert [one["pointer"] for one in error.extra["errors"]] == ["/a", "/b"]


def test_invalid_as_a_whole_has_the_empty_pointer_of_rfc_6901() -> None:
    error = Invalid(FieldFault("", "does not hang together", "前后不一致"))
    assert error.detail == "content: does not hang together"
    assert error.extra["errors"][0]["pointer"] == ""


def test_invalid_lists_at_most_fifty_faults_however_many_were_sent() -> None:
    error = Invalid(*(FieldFault(f"/{at}", "is bad", "有误") for at in range(1000)))
    assert len(error.extra["errors"]) == 50
    assert error.detail.endswith("(and 999 more)")
    assert len(error.faults) == 1000


def test_the_kinds_are_told_apart_by_their_status() -> None:
    assert status_of(Malformed) == 400
    assert status_of(Invalid) == 422
    assert status_of(GatewayError) == 500
