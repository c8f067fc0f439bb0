"""What the doctor says of the folder seals rely on."""

from datetime import timedelta
from pathlib import Path

from mint import Mint
from sealing import NOW

from gateway.cli.doctoring import Check, State, examined
from gateway.cli.doctoring_seals import seal_trust


def look(folder: Path | None, days: float = 0) -> Check:
    check = examined("seals", lambda: seal_trust(folder, NOW + timedelta(days=days)))
    assert (check.remedy is None) == (check.state is State.OK)
    return check


def test_lists_that_end_are_told_before_stamps_become_indeterminate(tmp_path: Path) -> None:
    assert look(None).state is State.OK
    mint = Mint.opened(tmp_path / "trust", NOW, "p256")
    assert look(mint.folder).said[0] == "1 anchors of signers, 1 of seal makers, 2 current lists"
    ending = look(mint.folder, 299.8)
    assert (ending.state, "示范签章根" in ending.said[1]) == (State.WARNING, True)
    assert look(mint.folder, 301).state is State.FAULT


def test_a_folder_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    assert look(tmp_path / "nowhere").state is State.FAULT
    mint = Mint.opened(tmp_path / "trust", NOW, "p256")
    (mint.folder / "signers.crl").write_bytes(b"no list")
    assert "signers.crl" in look(mint.folder).said[0]
