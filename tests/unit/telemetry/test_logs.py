"""Log lines: one JSON object each, without secrets, whoever writes them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry import configure_logs, get_logger
from gateway.telemetry.logs import _render, redact

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJyZWdpc3RyYXRpb24ifQ." + "s" * 86
DSN = "postgresql://gateway:hunter2@db.internal:5432/gateway?sslmode=require"
ID_NUMBER = "11010519491231002X"
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----"


class Written:
    """What was logged since the last look, line by line as JSON, and the levels counted."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.counted: list[str] = []

    def lines(self) -> list[dict[str, Any]]:
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    """Logging as a gateway sets it up, and back again afterwards."""
    root, made = logging.getLogger(), Written()
    before = (root.handlers[:], root.level)
    configure_logs("info", made.counted.append, made.stream)
    yield made
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "secret", [TOKEN, DSN, ID_NUMBER, ID_NUMBER.lower(), PEM, f"Bearer {TOKEN}", f"to {DSN}!"]
)
@pytest.mark.parametrize(
    "wrap", [str, lambda text: [text], lambda text: {"at": (text,)}, ValueError, str.encode, set]
)
def test_secrets_are_removed_wherever_they_stand(secret: str, wrap: Any) -> None:
    value = {secret} if wrap is set else wrap(secret)
    shown = _render(None, "", redact(None, "", {"event": f"said {secret}", "value": value}))
    for part in (
        TOKEN[:30],
        TOKEN[30:50],
        "hunter2",
        "db.internal",
        ID_NUMBER,
        ID_NUMBER.lower(),
        "MIGHAgEAMBMG",
    ):
        assert part not in shown
    assert "[removed]" in shown


@pytest.mark.parametrize(
    "name",
    ["token", "access_token", "Authorization", "client_assertion", "password", "master_secret", "cookie", "dsn", "body",
     "parameters", "private_jwk"],
)  # fmt: skip
def test_values_under_telling_names_are_removed_at_any_depth(name: str) -> None:
    shown = redact(None, "", {name: "x1", "inner": {name: ["x2"]}})
    assert shown == {name: "[removed]", "inner": {name: "[removed]"}}


def test_what_is_no_secret_is_kept() -> None:
    line = {
        "event": "call",
        "ms": 1.5,
        "n": 3,
        "ok": True,
        "none": None,
        "org": "11621000MB00000024",
        "token_kind": "access",
    }
    assert redact(None, "", dict(line)) == line


def test_a_very_long_value_is_cut_and_a_token_in_it_still_removed() -> None:
    shown = redact(None, "", {"event": "x" * 3990 + TOKEN})["event"]
    assert len(shown) < 4020
    assert "eyJ" not in shown


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs"])))
def test_every_text_becomes_one_line_of_json(text: str) -> None:
    shown = _render(None, "", redact(None, "", {"event": text, "inner": {text: [text]}}))
    assert len(shown.splitlines()) == 1
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert json.loads(shown)


@pytest.mark.parametrize(
    "value", [2**70, float("nan"), b"\xff", UUID(int=1), object, ("a", {1}), ValueError("x")]
)
def test_every_value_can_be_written(value: Any) -> None:
    assert json.loads(_render(None, "", redact(None, "", {"event": "x", "value": value})))


def test_a_line_has_time_level_and_event_and_is_counted(written: Written) -> None:
    get_logger().info("request", status=200)
    (line,) = written.lines()
    assert (line["event"], line["level"], line["status"]) == ("request", "info", 200)
    assert line["time"].endswith("Z")
    assert written.counted == ["info"]


def test_libraries_write_the_same_lines_with_their_secrets_removed(written: Written) -> None:
    try:
        raise ConnectionError(f"no connection to {DSN}")
    except ConnectionError:
        logging.getLogger("asyncio").exception("failed with %s", TOKEN)
        get_logger().exception("broke", token=TOKEN)
    theirs, ours = written.lines()
    for line in (theirs, ours):
        assert line["level"] == "error"
        assert "ConnectionError" in line["exception"]
        assert "hunter2" not in json.dumps(line)
        assert TOKEN[:30] not in json.dumps(line)


def test_lines_below_the_level_are_not_written(written: Written) -> None:
    get_logger().debug("quiet")
    logging.getLogger("asyncio").debug("quiet")
    assert written.lines() == []
