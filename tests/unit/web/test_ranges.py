"""Ranges of files that are kept in pieces: what is asked for is what comes, wherever the pieces end."""

import pytest
from multidict import CIMultiDict

from gateway.errors import Malformed
from gateway.web.ranges import Piece, RangeOutside, Span, parts_in, wanted_span

CONTENT = bytes(range(50))
TAG = '"tag"'


@pytest.mark.parametrize("lengths", [(50,), (1, 49), (10, 10, 30), (7, 43)], ids=str)
def test_the_parts_of_the_pieces_make_up_the_range(lengths: tuple[int, ...]) -> None:
    pieces = [Piece(n, sum(lengths[:n]), length) for n, length in enumerate(lengths)]
    for start in range(50):
        for end in range(start + 1, 51):
            parts = parts_in(pieces, Span(start, end, is_part=True))
            found = [CONTENT[pieces[n].start :][: pieces[n].length][part] for n, part in parts]
            assert b"".join(found) == CONTENT[start:end]
            assert b"" not in found, "no piece is read in vain"


def test_one_range_of_bytes_is_given_of_the_same_file_only() -> None:
    for asked, span in (
        ({}, Span(0, 50, is_part=False)),
        ({"Range": "bytes=10-"}, Span(10, 50, is_part=True)),
        ({"Range": "bytes=0-9", "If-Range": TAG}, Span(0, 10, is_part=True)),
        ({"Range": "bytes=-5"}, Span(45, 50, is_part=True)),
        ({"Range": "bytes=40-400"}, Span(40, 50, is_part=True)),
        ({"Range": "bytes=0-9", "If-Range": '"other"'}, Span(0, 50, is_part=False)),
        ({"Range": "lines=0-9"}, Span(0, 50, is_part=False)),
    ):
        assert wanted_span(CIMultiDict(asked), TAG, 50) == span, asked
    for wrong in ("bytes=-", "bytes=0-1,5-6", "bytes=a-"):
        with pytest.raises(Malformed):
            wanted_span(CIMultiDict({"Range": wrong}), TAG, 50)
    for beyond in ("bytes=50-", "bytes=9-3", "bytes=-0"):
        with pytest.raises(RangeOutside) as refused:
            wanted_span(CIMultiDict({"Range": beyond}), TAG, 50)
        assert refused.value.headers["Content-Range"] == "bytes */50"
