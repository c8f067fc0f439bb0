"""An archive that is none, or holds what no pack holds, is refused in words, never by a fault of the program."""

import struct
import zipfile
from pathlib import Path

import pytest

from gateway.proof.pack_compare import check_workbook
from gateway.proof.pack_files import Damage, PackFiles, opened_pack
from gateway.proof.refusal import Refused

_CENTRAL = b"PK\x01\x02"


def archive(
    path: Path, method: int = zipfile.ZIP_DEFLATED, flags: int = 0, stated: int | None = None
) -> Path:
    """A small archive; its directory of entries says these flags and this method."""
    with zipfile.ZipFile(path, "w", method) as out:
        out.writestr("pack.json", b"{}" * 100)
    data = bytearray(path.read_bytes())
    at = data.index(_CENTRAL)
    known_flags, known_method = struct.unpack_from("<HH", data, at + 8)
    struct.pack_into("<HH", data, at + 8, known_flags | flags, known_method if stated is None else stated)
    path.write_bytes(data)
    return path


SPOILED = {
    "bzip2": {"method": zipfile.ZIP_BZIP2},
    "lzma": {"method": zipfile.ZIP_LZMA},
    "unknown method": {"stated": 99},
    "encrypted": {"flags": 0x01},
    "strongly encrypted": {"flags": 0x40},
    "patch": {"flags": 0x20},
}


@pytest.mark.parametrize("how", SPOILED)
def test_other_methods_than_a_packs_are_refused(how: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "pack.zip", **SPOILED[how])
    with pytest.raises(Refused) as refusal, opened_pack(path):
        pass
    assert refusal.value.reason == "archive"
    files = PackFiles({"records.xlsx": lambda: path.open("rb")})
    with pytest.raises(Damage) as damage:
        check_workbook(files, "records.xlsx", [])
    assert (damage.value.reason, damage.value.file) == ("archive", "records.xlsx")


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(Refused) as refusal, opened_pack(path):
        pass
    assert refusal.value.reason == "archive"


def test_a_plain_archive_opens(tmp_path: Path) -> None:
    with opened_pack(archive(tmp_path / "pack.zip")) as files, files.open("pack.json") as opened:
        assert opened.read() == b"{}" * 100
