"""Settings: where they come from, which win, and that nothing wrong or unknown is passed over."""

import os
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import BadSettings
from gateway.settings import Settings, load


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:

    for name in [name for name in os.environ if name.upper().startswith("GATEWAY__")]:
        monkeypatch.delenv(name)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.toml"
    file.write_text('[web]\nhead_seconds = 3\nkeepalive_seconds = 9\n[platform]\nregion = "620000"\n')
    return file


def test_defaults_make_whole_settings() -> None:
    assert load().web.head_seconds == 5


def test_the_file_wins_over_the_defaults_name_by_name(toml: Path) -> None:
    read = load(toml)
    assert (read.web.head_seconds, read.web.body_seconds, read.platform.region) == (3, 10, "620000")


def test_the_environment_wins_over_the_file_name_by_name(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY__WEB__HEAD_SECONDS", "2")
    read = load(toml)
    assert (read.web.head_seconds, read.web.keepalive_seconds) == (2, 9)


def test_what_the_caller_gives_wins_over_both(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY__WEB__HEAD_SECONDS", "2")
    read = load(toml, web={"head_seconds": 1})
    assert (read.web.head_seconds, read.web.keepalive_seconds) == (1, 9)


def test_a_list_comes_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY__EXCHANGE__EGRESS_NETWORKS", '["10.0.0.0/8", "fd00::/8"]')
    assert load().exchange.egress_networks == ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[web]\nhed_seconds = 3", "[web.hed_seconds]"),
        ("[wob]\nhead_seconds = 3", "[wob]"),
        ("surprise = 1", "[surprise]"),
        ("web = 3", "[web]"),
        ("[web]\nhead_seconds = 'soon'", "[web.head_seconds]"),
        ("[web]\nhead_seconds = 0", "[web.head_seconds]"),
        ("[web]\nhead_seconds = nan", "[web.head_seconds]"),
        ("[web]\nbody_bytes = 10", "[web.body_bytes]"),
        ("[listen]\ncontrol_port = 65536", "[listen.control_port]"),
        ("[storage]\nlogin_prefix = 'a;b'", "[storage.login_prefix]"),
        ("[platform]\norg_code = '11621000MB00000012'", "[platform.org_code]"),
        ("[platform]\nbase_url = 'https://host/path'", "[platform.base_url]"),
        ("[telemetry]\nlevel = 'loud'", "[telemetry.level]"),
        ("[web]\nhosts = ['A b']", "[web.hosts"),
        ("[web\n", "gateway.toml"),
    ],
)
def test_a_wrong_file_stops_the_start_and_the_detail_names_the_setting(
    content: str, named: str, tmp_path: Path
) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(content)
    with pytest.raises(BadSettings) as refusal:
        load(file)
    assert named in refusal.value.detail
    assert named in refusal.value.detail_zh


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("GATEWAY__WEB__HED_SECONDS", "3", "[web.hed_seconds]"),
        ("GATEWAY__WOB__HEAD_SECONDS", "3", "[GATEWAY__WOB__HEAD_SECONDS]"),
        ("gateway__wob__head_seconds", "3", "[gateway__wob__head_seconds]"),
        ("GATEWAY__", "3", "[GATEWAY__]"),
        ("GATEWAY__WEB__HEAD_SECONDS", "soon", "[web.head_seconds]"),
        ("GATEWAY__WEB__HEAD_SECONDS__X", "1", "[web.head_seconds]"),
        ("GATEWAY__LISTEN__CONTROL_PORT", "80.5", "[listen.control_port]"),
        ("GATEWAY__WEB", "nonsense", "web"),
        ("GATEWAY__EXCHANGE__EGRESS_NETWORKS", "10.0.0.0/8", "exchange"),
    ],
)
def test_a_wrong_environment_stops_the_start_and_the_detail_names_the_setting(
    name: str, value: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refusal:
        load()
    assert named in refusal.value.detail


def test_a_refusal_never_shows_a_secret_beside_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY__STORAGE__DSN", "postgres://gateway:hunter2@db/gateway")
    monkeypatch.setenv("GATEWAY__STORAGE__POOL_MAX", "1")
    with pytest.raises(BadSettings) as refusal:
        load()
    assert "pool_max" in refusal.value.detail
    assert "hunter2" not in refusal.value.detail + refusal.value.detail_zh


def test_a_file_that_is_not_there_or_no_text_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="does not exist"):
        load(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSettings, match=r"binary\.toml"):
        load(tmp_path / "binary.toml")


def test_settings_cannot_be_changed_after_the_start() -> None:
    read = load()
    with pytest.raises(ValueError, match="frozen"):
        read.web.head_seconds = 60  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        read.web = read.web  # type: ignore[misc]


def test_audit_records_cannot_be_kept_shorter_than_the_law_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, floor in (("KEEP_MONTHS", 36), ("KEEP_PROCESS_MONTHS", 6)):
        monkeypatch.setenv(f"GATEWAY__AUDIT__{name}", str(floor - 1))
        with pytest.raises(BadSettings):
            load()
        monkeypatch.setenv(f"GATEWAY__AUDIT__{name}", str(floor))
        assert load()


def test_every_section_refuses_unknown_names_and_is_frozen() -> None:
    for name, field in Settings.model_fields.items():
        config = field.annotation.model_config  # type: ignore[union-attr]
        assert (config["extra"], config["frozen"]) == ("forbid", True), name


def test_every_duration_and_size_says_its_unit() -> None:
    numbers = {
        f"{section}.{name}"
        for section, field in Settings.model_fields.items()
        for name, inner in field.annotation.model_fields.items()  # type: ignore[union-attr]
        if inner.annotation in (int, float)
    }
    units = ("_seconds", "_bytes", "_port", "_max", "_events", "_depth", "rows", "_days", "_months", "_percent",
             "_min")  # fmt: skip
    assert [name for name in numbers if not name.endswith(units)] == []


def provider(**changes: Any) -> dict[str, Any]:
    return {
        "name": "province", "title": "省平台", "issuer": "https://id.example.test", "client_id": "gateway",
        "redirect_uri": "https://share.example.test/a", "client_secret_file": "/x", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": "http://id.example.test"}, "https"),
        ({"redirect_uri": "http://share.example.test"}, "https"),
        ({"name": "Province 1"}, "hyphens"),
        ({"client_secret_file": None}, "either"),
        ({"client_key_file": "/y"}, "either"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"scopes": ["profile"]}, "openid"),
    ],
)
def test_an_identity_provider_that_is_not_safe_stops_the_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        load(identity={"providers": [provider(**changes)]})


@pytest.mark.parametrize("what", ["name", "issuer", "redirect_uri"])
def test_each_identity_provider_has_its_own(what: str) -> None:
    one = provider()
    other = provider(
        name="nation", issuer="https://nation.example.test", redirect_uri="https://share.example.test/b"
    )
    load(identity={"providers": [one, other]})
    with pytest.raises(BadSettings, match=what):
        load(identity={"providers": [one, {**other, what: one[what]}]})
