"""An archived month is read with the master key alone; a changed byte is found."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ledgers import a_ledger, event_bytes

from gateway.audit.dump import encode
from gateway.audit.retention.archive import archive_vault
from gateway.cli import main
from gateway.seals.archives import ArchiveDamaged, ArchiveReader, ArchiveWriter

KEY = bytes(range(32))
ABOUT = {"content": "audit", "month": "2020-01", "first": 0, "beyond": 5}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An archive of five records in two frames, beside the master key."""
    records, _ = a_ledger([event_bytes(number) for number in range(5)])
    file = tmp_path / "audit-2020-01.archive"
    with file.open("wb") as out:
        archive = ArchiveWriter(out, archive_vault(KEY), ABOUT)
        archive.write(b"".join(encode(record) for record in records[:3]))
        archive.write(b"".join(encode(record) for record in records[3:]), last=True)
    key = tmp_path / "master.key"
    key.write_bytes(base64.b64encode(KEY))
    key.chmod(0o600)
    return file


def gw(*arguments: str, folder: Path) -> Result:
    return CliRunner().invoke(main, ["audit", "archive", *arguments, "--data-dir", str(folder)])


def test_an_archive_is_verified_and_opened_with_the_master_key(made: Path) -> None:
    told = gw("verify", str(made), "--json", folder=made.parent)
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert (found["records"], found["month"], len(found["sha256"])) == (5, "2020-01", 64)
    assert "5 records of 2020-01, 0 to 4" in gw("verify", str(made), folder=made.parent).output

    out = made.parent / "out"
    assert gw("open", str(made), str(out), folder=made.parent).exit_code == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["record"]["idx"] for line in lines] == [0, 1, 2, 3, 4]
    assert gw("open", str(made), str(out), folder=made.parent).exit_code == 2
    assert b"realty" not in made.read_bytes()


def test_no_changed_byte_of_an_archive_passes(made: Path) -> None:
    whole = made.read_bytes()
    for place in range(0, len(whole), 37):
        made.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ArchiveDamaged):
            list(ArchiveReader(made, archive_vault(KEY)))
    for cut in (whole[:-1], whole[:-40], whole + b"\x00", b"", whole[: whole.index(b"\n") + 1]):
        made.write_bytes(cut)
        with pytest.raises(ArchiveDamaged):
            list(ArchiveReader(made, archive_vault(KEY)))
    made.write_bytes(whole)
    with pytest.raises(ArchiveDamaged):
        ArchiveReader(made, archive_vault(bytes(32)))


def test_the_command_says_what_is_wrong(made: Path) -> None:
    made.write_bytes(made.read_bytes()[:-1])
    told = gw("verify", str(made), folder=made.parent)
    assert told.exit_code == 2
    assert "changed or cut off" in told.output
