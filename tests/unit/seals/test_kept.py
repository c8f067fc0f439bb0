"""What waits encrypted opens with its key, in its place and for its purpose only."""

from uuid import UUID

import pytest

from gateway.seals import Vault, WrongKey
from gateway.seals.kept import Kept

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_it_opens_in_its_place_with_its_key_only() -> None:
    vault = Vault(bytes(32), "tests")
    kept = Kept(vault, "export")
    key = kept.new_key(ONE)
    sealed = kept.seal(ONE, key, "segment 3", b"content")
    assert kept.open(ONE, key, "segment 3", sealed) == b"content"
    for store, owner, wrapped, place, content in (
        (kept, ONE, key, "segment 4", sealed),
        (kept, OTHER, key, "segment 3", sealed),
        (kept, ONE, kept.new_key(ONE), "segment 3", sealed),
        (kept, ONE, key, "segment 3", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (Kept(vault, "batch"), ONE, key, "segment 3", sealed),
        (Kept(Vault(bytes([1]) * 32, "tests"), "export"), ONE, key, "segment 3", sealed),
    ):
        with pytest.raises(WrongKey):
            store.open(owner, wrapped, place, content)
