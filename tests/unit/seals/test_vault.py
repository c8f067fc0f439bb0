"""The vault: what it closes opens only under the same key, purpose and context; the key file is one secret."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadSettings, Invalid
from gateway.seals import Vault, WrongKey, create_master_key, read_master_key

KEY = bytes(range(32))
VAULT = Vault(KEY, "mounts")


@given(st.binary(max_size=200), st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_what_was_wrapped_opens_in_the_same_context(secret: bytes, context: str) -> None:
    assert VAULT.unwrap(VAULT.wrap(secret, context), context) == secret


@pytest.mark.parametrize(
    ("vault", "context"),
    [
        (Vault(bytes(32), "mounts"), "r1"),
        (Vault(KEY, "signing keys"), "r1"),
        (VAULT, "r2"),
        (VAULT, ""),
    ],
)
def test_another_key_purpose_or_context_opens_nothing(vault: Vault, context: str) -> None:
    with pytest.raises(WrongKey) as refusal:
        vault.unwrap(VAULT.wrap(b"postgres://secret", "r1"), context)
    assert "secret@" not in refusal.value.detail


def test_any_changed_bit_and_any_cut_is_found() -> None:
    wrapped = VAULT.wrap(b"secret", "r1")
    changed = [wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))]
    for bad in [*changed, *(wrapped[:length] for length in range(len(wrapped))), wrapped + b"\0", b""]:
        with pytest.raises(WrongKey):
            VAULT.unwrap(bad, "r1")


def test_no_nonce_is_used_twice_and_equal_secrets_look_different() -> None:
    made = [VAULT.wrap(b"secret", "r1") for _ in range(2000)]
    assert len({one[:12] for one in made}) == 2000
    assert len({one[12:] for one in made}) == 2000


def test_a_cursor_is_text_for_addresses_and_opens_in_its_context_only() -> None:
    cursor = VAULT.write_cursor(b"key", "list")
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert VAULT.read_cursor(cursor, "list") == b"key"
    with pytest.raises(Invalid):
        VAULT.read_cursor(cursor, "other list")


@given(st.text("ABCDEFGabcdefg0123456789-_", max_size=80))
def test_no_made_up_cursor_raises_anything_but_invalid(cursor: str) -> None:
    with pytest.raises(Invalid):
        VAULT.read_cursor(cursor, "list")


def test_a_new_key_file_is_32_random_bytes_for_its_owner_only(tmp_path: Path) -> None:
    for name in ("a", "b"):
        create_master_key(tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    keys = {read_master_key(tmp_path / name) for name in ("a", "b")}
    assert [len(key) for key in keys] == [32, 32]


def test_an_existing_key_file_is_never_overwritten(tmp_path: Path) -> None:
    create_master_key(tmp_path / "key")
    before = read_master_key(tmp_path / "key")
    with pytest.raises(FileExistsError):
        create_master_key(tmp_path / "key")
    assert read_master_key(tmp_path / "key") == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        base64.b64encode(bytes(31)),
        base64.b64encode(bytes(33)),
        b"!" * 44,
        b"\xff" * 44,
        bytes(32),
    ],
)
def test_a_file_that_holds_no_key_stops_the_start_without_showing_it(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadSettings, match="key"):
        read_master_key(file)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666, 0o601])
def test_a_key_file_open_to_others_stops_the_start(mode: int, tmp_path: Path) -> None:
    create_master_key(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(BadSettings, match="chmod 600"):
        read_master_key(tmp_path / "key")


def test_no_key_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="master_key_file"):
        read_master_key(None)
    with pytest.raises(BadSettings, match="cannot be read"):
        read_master_key(tmp_path / "none")
    with pytest.raises(BadSettings, match="cannot be read"):
        read_master_key(tmp_path)
