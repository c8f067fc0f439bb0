"""Pages by keyset: a cursor goes on where the last page ended, for the same caller, list and filters only."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Invalid
from gateway.seals import Vault
from gateway.web import PageQuery, Pager
from gateway.web.reading import validated

PAGER = Pager(Vault(bytes(32), "page cursors"))
CONTEXT = "person:auditor /v1/audit/events []"


def walk(names: list[str], limit: int) -> list[list[str]]:
    """All pages of ``names`` as a caller gets them."""
    pages: list[list[str]] = []
    query = PageQuery(limit=limit)
    while True:
        after = PAGER.start(query, CONTEXT)
        found = [name for name in names if after is None or name > after][: limit + 1]
        page = PAGER.page(found, query, CONTEXT, str, str.upper)
        pages.append(page.items)
        if page.next_cursor is None:
            return pages
        query = PageQuery(limit=limit, cursor=page.next_cursor)


@given(st.sets(st.text("abcdef", min_size=1, max_size=4), max_size=30), st.integers(1, 12))
def test_the_pages_together_are_the_list_without_gap_or_repetition(names: set[str], limit: int) -> None:
    pages = walk(sorted(names), limit)
    assert [name for page in pages for name in page] == [name.upper() for name in sorted(names)]
    assert all(len(page) == limit for page in pages[:-1])


def test_the_last_page_has_no_cursor_even_when_it_is_full() -> None:
    assert walk(["a", "b"], 2) == [["A", "B"]]


def cursor() -> str:
    made = PAGER.page(["a", "b"], PageQuery(limit=1), CONTEXT, str, str).next_cursor
    assert made is not None
    return made


@pytest.mark.parametrize(
    "other",
    [
        "person:mallory /v1/audit/events []",
        "person:auditor /v1/grants []",
        CONTEXT[:-2] + "[('type', 'x')]",
        "",
    ],
)
def test_a_cursor_of_another_caller_list_or_filter_is_refused(other: str) -> None:
    assert PAGER.start(PageQuery(cursor=cursor()), CONTEXT) == "a"
    with pytest.raises(Invalid, match="/cursor"):
        PAGER.start(PageQuery(cursor=cursor()), other)


def test_a_cursor_with_any_bit_changed_is_refused() -> None:
    made = cursor()
    raw = base64.urlsafe_b64decode(made + "=" * (-len(made) % 4))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises(Invalid):
            PAGER.start(PageQuery(cursor=base64.urlsafe_b64encode(changed).decode().rstrip("=")), CONTEXT)


@pytest.mark.parametrize(
    "made_up", ["a", "AAAA", "a" * 1000, "_-_-", base64.b64encode(b'"a"').decode().rstrip("=")]
)
def test_a_cursor_made_up_is_refused(made_up: str) -> None:
    with pytest.raises(Invalid):
        PAGER.start(PageQuery(cursor=made_up), CONTEXT)


def test_a_cursor_of_another_installation_is_refused() -> None:
    other = Pager(Vault(bytes(range(32)), "page cursors"))
    with pytest.raises(Invalid):
        other.start(PageQuery(cursor=cursor()), CONTEXT)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "+5", " 5", "5.0", "1_0", "1e1", "", "a", "５"])
def test_a_limit_is_a_plain_number_from_1_to_200(limit: str) -> None:
    with pytest.raises(Invalid, match="/limit"):
        validated(PageQuery, {"limit": limit}, strict=False)


@pytest.mark.parametrize("limit", [1, 200])
def test_a_limit_may_be_at_either_end(limit: int) -> None:
    assert validated(PageQuery, {"limit": str(limit)}, strict=False).limit == limit


@pytest.mark.parametrize("text", ["", "a b", "a=", "a" * 1001, "a\n", "部"])
def test_a_cursor_that_is_not_base64url_is_refused_before_it_is_opened(text: str) -> None:
    with pytest.raises(Invalid, match="/cursor"):
        validated(PageQuery, {"cursor": text}, strict=False)
