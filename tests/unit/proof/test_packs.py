"""Evidence packs: what they show, and that nothing is changed, hidden, left out or cut off without being found."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ledgers import CONSUMER, NOW, PROVIDER
from packing import THIRD, checked, packed

from gateway.proof.chains import said, trace
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_files import LIST, Damage, Listed
from gateway.proof.pack_rows import line_of, read_line
from gateway.proof.refusal import Refused

EVERYTHING = Asked("records", CONSUMER, ("consumer", "provider"))
CALLS = Asked("records", CONSUMER, ("consumer",), filter={"type": "call.released"}, tables=("csv", "xlsx"))
DENIED = replace(EVERYTHING, filter={"outcome": "deny"})
MILLISECONDS = int(NOW.timestamp() * 1000)


def lines_of(files: dict[str, bytes]) -> list[bytes]:
    return files["records.ndjson"].splitlines(keepends=True)


def listed(files: dict[str, bytes], **changed: Any) -> dict[str, bytes]:
    """The files with another list."""
    return files | {LIST: replace(Listed.read(files[LIST]), **changed).written()}


def test_a_pack_shows_that_all_is_there_and_what_stands_behind_a_response() -> None:
    files = packed(CALLS)
    shown = checked(files)
    assert [(one.side, one.first, one.last) for one in shown.ranges] == [("consumer", 1, 12)]
    assert (shown.matching, shown.shown, shown.hidden) == (3, 13, 0)
    assert shown.events.responses == 3
    rows = [read_line(line) for line in lines_of(files)]
    chain = trace(shown.events, lambda: rows, "00000000-0000-0000-0000-0000000002bd")
    assert chain.is_whole
    assert said(chain.stamps[0], "verdict") == "valid"
    assert chain.application is not None
    assert said(chain.application, "document_sm3") == said(chain.stamps[0], "document_sm3")


@pytest.mark.parametrize(
    ("asked", "ranges", "matching"),
    [
        (EVERYTHING, [("consumer", 1, 12), ("provider", 1, 1)], 12),
        (Asked("records", PROVIDER, ("provider",)), [("provider", 1, 16)], 16),
        (Asked("records", "", ("log",)), [("log", 0, 15)], 16),
        (Asked("records", "", ("log",), first=3, last=5), [("log", 3, 5)], 3),
        (Asked("records", CONSUMER, ("consumer",), first=4, last=6), [("consumer", 4, 6)], 3),
        (Asked("records", CONSUMER, ("consumer",), first=4, last=600), [("consumer", 4, 12)], 9),
        (Asked("records", CONSUMER, ("consumer",), since_ms=MILLISECONDS), [("consumer", 1, 12)], 12),
        (Asked("records", THIRD, ("consumer",), until_ms=MILLISECONDS + 1), [("consumer", 1, 4)], 4),
    ],
    ids=["both sides", "provider", "log", "log by number", "by number", "beyond the end", "since", "until"],
)
def test_what_was_asked_for_is_what_is_complete(asked: Asked, ranges: Any, matching: int) -> None:
    shown = checked(packed(asked))
    assert [(one.side, one.first, one.last) for one in shown.ranges] == ranges
    assert shown.matching == matching
    assert shown.asked == asked


def test_what_a_filter_hides_is_there_as_a_stub_only() -> None:
    files = packed(
        Asked("records", PROVIDER, ("provider",), filter={"consumer_org": THIRD, "type": "call.intended"})
    )
    shown = checked(files)
    assert (shown.matching, shown.hidden) == (3, 11)
    assert sum(b'"event"' in line for line in lines_of(files)) == 5


def test_any_changed_bit_is_found_in_its_file_and_line() -> None:
    files, drawn = packed(CALLS), random.Random(11)
    for name, content in files.items():
        for place in [
            drawn.randrange(len(content) * 8) for _ in range(60 if name == "records.ndjson" else 25)
        ]:
            changed = bytearray(content)
            changed[place // 8] ^= 1 << place % 8
            with pytest.raises(Refused) as refusal:
                checked(files | {name: bytes(changed)})
            damage = refusal.value
            assert isinstance(damage, Damage)
            if name != LIST:
                assert damage.file == name, damage.detail
            if name == "records.ndjson":
                assert damage.line == content[: place // 8].count(b"\n") + 1, damage.detail


def without(*numbers: int) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Lines left out of the file, the list counting them."""

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        kept = [line for at, line in enumerate(lines_of(files)) if at not in numbers]
        return files | {"records.ndjson": b"".join(kept)}

    return change


def hiding(number: int) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """A line whose event is taken away, which the tree cannot notice."""

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        lines = lines_of(files)
        row = read_line(lines[number])
        assert row.event is not None
        stub = base64.b64decode(json.loads(lines[number])["stub"])
        lines[number] = line_of(stub, None)
        found = Listed.read(files[LIST])
        return listed(
            files | {"records.ndjson": b"".join(lines)}, shown=found.shown - 1, hidden=found.hidden + 1
        )

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without(5), "length"),
        (hiding(5), "hidden"),
        (hiding(12), "hidden"),
        (lambda files: listed(files, ranges=(("consumer", 2, 12), ("provider", 1, 1))), "range"),
        (lambda files: listed(files, ranges=(("consumer", 1, 11), ("provider", 1, 1))), "range"),
        (lambda files: listed(files, ranges=(("consumer", 1, 13), ("provider", 1, 1))), "incomplete"),
        (lambda files: listed(files, ranges=(("consumer", 1, 12),)), "list"),
        (lambda files: listed(files, exported=7), "list"),
        (lambda files: listed(files, asked=CALLS.detail()), "list"),
        (lambda files: listed(files, asked=DENIED.detail()), "list"),
        (lambda files: listed(files, size=16), "list"),
        (lambda files: listed(files, shown=3), "list"),
        (lambda files: files | {LIST: files[LIST] + b" "}, "list"),
        (lambda files: files | {"more.txt": b""}, "extra"),
        (lambda files: {name: kept for name, kept in files.items() if name != "proof.txt"}, "missing"),
        (lambda files: files | {"proof.txt": files["proof.txt"] * 2}, "length"),
        (lambda files: files | {"records.ndjson": b"".join(lines_of(files)[::-1])}, "order"),
    ],
    ids=[
        "left out", "hidden", "export hidden", "start cut", "tail cut", "tail invented", "side dropped", "another export",
        "asked otherwise", "filtered otherwise", "another size", "counts", "loose list", "file beside", "no proof", "proof too long", "order",
    ],
)  # fmt: skip
def test_a_pack_that_says_more_than_it_shows_is_refused(change: Any, reason: str) -> None:
    with pytest.raises(Damage) as refusal:
        checked(change(packed(EVERYTHING)))
    assert refusal.value.reason == reason, refusal.value.detail


def test_a_maker_who_leaves_a_record_out_is_found_by_the_gap_in_the_numbers() -> None:
    files = packed(EVERYTHING, lambda records: [one for one in records if one.cseq != 5])
    with pytest.raises(Damage) as refusal:
        checked(files)
    assert (refusal.value.reason, refusal.value.detail) == (
        "incomplete",
        "records.ndjson: number 5 as consumer is missing",
    )


def test_texts_that_a_spreadsheet_would_compute_stay_texts() -> None:
    files = packed(Asked("records", CONSUMER, ("consumer",), tables=("csv",), filter={"actor": "realty"}))
    assert b",=" not in files["records.csv"]
    assert checked(files).matching == 12


def test_a_link_to_another_event_is_refused_and_one_to_nothing_is_told() -> None:
    files = packed(CALLS)
    rows = [read_line(line) for line in lines_of(files)]
    response = next(row for row in rows if row.said and row.said["type"] == "call.released")
    assert response.said is not None
    shown = checked(files)
    grant = next(row.said["id"] for row in rows if row.said and row.said["type"] == "grant.issued")
    del shown.events.by_id[grant]
    chain = trace(shown.events, lambda: rows, response.said["id"])
    assert (chain.missing, chain.is_whole, chain.grant) == ((grant,), False, None)

    link = {**response.said["cause"][0], "sha256": "00" * 32}
    other = replace(response, said={**response.said, "cause": [link]})
    with pytest.raises(Refused) as refusal:
        trace(checked(files).events, lambda: [other, *rows], response.said["id"])
    assert refusal.value.reason == "cause"
    with pytest.raises(Refused) as refusal:
        trace(checked(files).events, lambda: rows, "no such response")
    assert refusal.value.reason == "response"


def test_lines_out_of_order_are_named() -> None:
    files = packed(EVERYTHING)
    lines = lines_of(files)
    lines[3], lines[4] = lines[4], lines[3]
    with pytest.raises(Damage) as refusal:
        checked(files | {"records.ndjson": b"".join(lines)})
    assert (refusal.value.reason, refusal.value.line) == ("order", 5)
