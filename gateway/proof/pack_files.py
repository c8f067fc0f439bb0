"""The files of an evidence pack, in a folder or a ZIP archive, and the list of them that the pack itself holds."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from .refusal import Refused

FORMAT: Final = "gateway-evidence-pack"
VERSION: Final = 1
LIST: Final = "pack.json"
CHECKPOINT: Final = "checkpoint.txt"
RECORDS: Final = "records.ndjson"
PROOF: Final = "proof.txt"
CSV: Final = "records.csv"
XLSX: Final = "records.xlsx"
POLICY: Final = "policy.txt"
GUIDE: Final = "README.txt"
SEAL: Final = "seal.json"
_NEEDED: Final = frozenset({CHECKPOINT, RECORDS, PROOF, GUIDE})
_ALLOWED: Final = _NEEDED | {CSV, XLSX, POLICY}
_LARGEST_LIST: Final = 1_000_000
_CHUNK: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CLOSED: Final = 0x61  # bits of an entry that is encrypted, strongly encrypted or a patch (APPNOTE 4.4.4)
ARCHIVE_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)
"""``zipfile`` has no one word for damage: zlib.error and EOFError of an entry that is changed or cut, ValueError of one that claims
to begin before the file does, NotImplementedError of a version it does not know."""
Opened = Callable[[], AbstractContextManager[IO[bytes]]]


class Damage(Refused):
    """A place in a pack that does not fit（举证包中不一致之处）.

    Args:
        file: the file's name; ``line`` its line from 1 and ``idx`` the record's place in the log, where they are known.
    """

    def __init__(self, because: Refused, file: str, line: int | None = None, idx: int | None = None) -> None:
        place, place_zh = file, file
        if line is not None:
            place, place_zh = f"{place} line {line}", f"{place_zh} 第 {line} 行"
        if idx is not None:
            place, place_zh = f"{place} (record {idx})", f"{place_zh}（第 {idx} 号记录）"
        super().__init__(because.reason, f"{place}: {because.detail}", f"{place_zh}：{because.detail_zh}")
        self.place = {"file": file, "line": line, "index": idx}
        self.file = file
        self.line = line
        self.idx = idx


@dataclass(frozen=True, slots=True)
class Listed:
    """What the pack says of itself: all of it is checked against the rest.

    Args:
        size: of the tree of the checkpoint; ``exported`` the index of the record of the export.
        asked: as in that record.
        ranges: side, first and last number of each.
        shown, hidden: lines with and without their event.
        files: SHA-256 in hexadecimal by name.
    """

    origin: str
    size: int
    exported: int
    asked: Mapping[str, Any]
    ranges: tuple[tuple[str, int, int], ...]
    shown: int
    hidden: int
    files: Mapping[str, str]

    def written(self) -> bytes:
        """The bytes of ``pack.json``."""
        ranges = [{"side": side, "first": first, "last": last} for side, first, last in self.ranges]
        said = {name: getattr(self, name) for name in self.__slots__}
        said |= {"format": FORMAT, "version": VERSION, "ranges": ranges}
        return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, data: bytes) -> "Listed":
        """Read it without tolerance: written again it must give the same bytes.

        Raises:
            Damage: it is no list of a pack of this version.
        """
        try:
            found = json.loads(data)
            ranges = tuple((str(one["side"]), int(one["first"]), int(one["last"])) for one in found["ranges"])
            listed = cls(
                str(found["origin"]), int(found["size"]), int(found["exported"]), found["asked"], ranges,
                int(found["shown"]), int(found["hidden"]), {str(name): str(value) for name, value in found["files"].items()},
            )  # fmt: skip
            fits = listed.written() == data
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            fits = False
        if not fits:
            raise Damage(
                Refused("list", f"not the list of a {FORMAT} of version {VERSION}", "不是本版本的举证包清单"),
                LIST,
            )
        return listed


class PackFiles:
    """The files by name, each to be opened more than once."""

    def __init__(self, files: Mapping[str, Opened]) -> None:
        self._files = dict(files)

    def check_names(self, listed: Listed) -> None:
        """Nothing is missing, nothing stands beside.

        Raises:
            Damage.
        """
        there, wanted = self._files.keys() - {LIST, SEAL}, listed.files.keys()
        for name in sorted((_NEEDED | wanted) - there):
            raise Damage(Refused("missing", "the file is missing", "缺少该文件"), name)
        for name in sorted((there | wanted) - (_ALLOWED & wanted)):
            raise Damage(Refused("extra", "the file does not belong in the pack", "不属于举证包的文件"), name)

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return name in self._files

    def small(self, name: str) -> bytes:
        """A file that cannot be large, as a whole.

        Raises:
            Damage: missing, larger, or the archive is damaged there.
        """
        with self.open(name) as opened:
            data = opened.read(_LARGEST_LIST + 1)
        if len(data) > _LARGEST_LIST:
            raise Damage(Refused("size", "the file is too large", "文件过大"), name)
        return data

    def digest(self, name: str) -> str:
        """SHA-256 of a file, in hexadecimal."""
        made = hashlib.sha256()
        with self.open(name) as opened:
            while chunk := opened.read(_CHUNK):
                made.update(chunk)
        return made.hexdigest()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """One file, to be read; damage of the archive found meanwhile is told with the file's name."""
        if name not in self._files:
            raise Damage(Refused("missing", "the file is missing", "缺少该文件"), name)
        try:
            with self._files[name]() as opened:
                yield opened
        except ARCHIVE_FAULTS as fault:
            raise Damage(archive_damaged(fault), name) from None


def archive_damaged(fault: Exception) -> Refused:
    """What is said of a ZIP archive that cannot be read."""
    return Refused("archive", f"the archive is damaged ({fault})", "压缩包已损坏")


@contextmanager
def opened_pack(path: Path) -> Iterator[PackFiles]:
    """A pack in a folder or a ZIP archive.

    Raises:
        Refused: neither, or names in it that stand twice.
        OSError: it cannot be read.
    """
    if path.is_dir():
        yield PackFiles({one.name: _opener(one) for one in path.iterdir() if one.is_file()})
        return
    with opened_archive(path) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise Refused("archive", "a name stands twice in the archive", "压缩包中文件名重复")
        yield PackFiles({name: _member(archive, name) for name in names})


def opened_archive(file: Path | IO[bytes]) -> zipfile.ZipFile:
    """A ZIP archive whose entries are stored or deflated, as those of every pack are; other methods fail each in its own way.

    Raises:
        Refused: another method, an encrypted entry, or no archive.
    """
    try:
        archive = zipfile.ZipFile(file)
    except ARCHIVE_FAULTS as fault:
        raise archive_damaged(fault) from None
    for one in archive.infolist():
        if one.compress_type not in _METHODS or one.flag_bits & _CLOSED:
            archive.close()
            raise Refused(
                "archive",
                f"{one.filename} is not plainly stored or deflated",
                f"{one.filename} 的压缩方式不符",
            )
    return archive


def _opener(path: Path) -> Opened:
    return lambda: path.open("rb")


def _member(archive: zipfile.ZipFile, name: str) -> Opened:
    return lambda: archive.open(name)
