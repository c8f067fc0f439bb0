"""Search terms: pairs of neighbouring signs, the same for what is stored and what is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.search import terms, wording


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("信用", ["信用"]),
        ("企业信用", ["业信", "企业", "信用"]),
        ("不动产登记", ["不动", "产登", "动产", "登记"]),
        ("企业 登记", ["企业", "登记"]),
        ("A级企业", ["a级", "企业", "级企"]),
        ("GB/T 4754", ["47", "54", "75", "gb"]),
        ("ＡＢ公司", ["ab", "b公", "公司"]),
        ("㍿", ["会社", "式会", "株式"]),
        ("ﬁle", ["fi", "il", "le"]),
        ("STRASSE", ["as", "ra", "se", "ss", "st", "tr"]),
        ("straße", ["as", "ra", "se", "ss", "st", "tr"]),
        ("e\u0301t", ["\u00e9t"]),
        ("信", []),
        ("", []),
        ("信，用", []),
        ("—…！", []),
        ("𠀀𠀁", ["𠀀𠀁"]),
        ("登记登记", ["登记", "记登"]),
    ],
)
def test_the_pairs_of_a_text(text: str, expected: list[str]) -> None:
    assert terms(wording(text)) == expected


def test_a_pair_does_not_reach_over_two_texts() -> None:
    assert "业登" not in terms(wording("企业", "登记"))


def test_full_width_and_half_width_codes_are_the_same_words() -> None:
    assert wording("３０７０１１／１") == wording("307011/1")


@given(stored=st.text(max_size=40), other=st.text(max_size=10), data=st.data())
def test_whatever_part_of_a_stored_text_is_asked_for_its_pairs_are_found(
    stored: str, other: str, data: st.DataObject
) -> None:
    folded = wording(stored, other)
    start = data.draw(st.integers(0, len(folded)))
    part = folded[start : data.draw(st.integers(start, len(folded)))]
    assert set(terms(part)) <= set(terms(folded))


@given(st.text(max_size=40))
def test_terms_are_sorted_pairs_each_once(text: str) -> None:
    found = terms(wording(text))
    assert found == sorted(set(found))
    assert all(len(pair) == 2 for pair in found)
