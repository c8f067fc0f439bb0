"""Platforms' files: every shipped one loads, and what is wrong stops the start."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import BadSettings
from gateway.federation.model import CascadeState, Flow, wait_after
from gateway.federation.platforms import NoSuchPlatform, load_platforms
from gateway.telemetry import metrics

SHIPPED = Path(__file__).resolve().parents[3] / "config" / "federation"


def test_the_shipped_example_is_whole_and_switched_off() -> None:
    (example,) = load_platforms(SHIPPED)
    assert example.enabled is False
    assert set(Flow) <= set(example.operations)
    assert example.base_url == "http://127.0.0.1:9"
    assert load_platforms(SHIPPED).enabled == []


def test_without_a_folder_there_are_no_platforms(tmp_path: Path) -> None:
    none = load_platforms(tmp_path / "nowhere")
    assert list(none) == []
    with pytest.raises(NoSuchPlatform):
        none.get("national")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('style = "gjgxjhpt"', 'style = "unknown"'),
        ('base_url = "http://127.0.0.1:9"', 'base_url = "ftp://127.0.0.1"'),
        ('base_url = "http://127.0.0.1:9"', 'base_url = "http://127.0.0.1/path"'),
        ('mode = "ecb"', 'mode = "gcm"'),
        ("enabled = false", 'enabled = false\nkey = "0123456789"'),
        ("poll_seconds = 600.0", "poll_seconds = 0"),
        ("[secret]", "[secret"),
    ],
)
def test_a_wrong_file_stops_the_start_and_is_named(old: str, new: str, tmp_path: Path) -> None:
    text = (SHIPPED / "national.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "national.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BadSettings, match=r"national\.toml"):
        load_platforms(tmp_path)


def test_two_files_cannot_name_one_platform(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text((SHIPPED / "national.toml").read_text("utf-8"), "utf-8")
    with pytest.raises(BadSettings, match="twice"):
        load_platforms(tmp_path)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("同意", "approved"),
        ("approved", "approved"),
        ("不同意", "refused"),
        ("已答复", "answered"),
        ("受理中", None),
        ("", None),
    ],
)
def test_a_platforms_word_is_read_as_it_was_configured(word: str, state: str | None) -> None:
    (example,) = load_platforms(SHIPPED)
    assert example.words.decision(word) == (CascadeState(state) if state else None)


def test_the_pause_doubles_and_has_an_end() -> None:
    most = timedelta(seconds=60)
    assert [wait_after(n, most).total_seconds() for n in (1, 2, 3, 4, 5, 6, 10**6)] == [
        5,
        10,
        20,
        40,
        60,
        60,
        60,
    ]


def test_the_series_of_the_metrics_are_those_of_the_model() -> None:
    assert set(metrics.CASCADE_STATES) == set(CascadeState)
