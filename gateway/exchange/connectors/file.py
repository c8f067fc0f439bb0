"""文件: a CSV file with a header line."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.catalog import FileMount
from gateway.settings import Exchange as Limits
from gateway.web.outbound import Outbound, UpstreamInvalid


async def read_file(
    outbound: Outbound,
    mount: FileMount,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    limits: Limits,
) -> list[dict[str, Any]]:
    """Fetch the file, compare its SHA-256 where the mount pins it, take the rows that match.

    Raises:
        Upstream: in one of its kinds; another content than pinned; no CSV with a header.
    """
    body = await outbound.get(mount.url, {"Accept": "text/csv", **headers}, limits.file_bytes)
    if mount.sha256 is not None and hashlib.sha256(body).hexdigest() != mount.sha256:
        raise UpstreamInvalid(
            "the file differs from the one mounted (SHA-256)", "文件与挂接时不一致（SHA-256 不符）"
        )
    header, rows = _table(body)
    wanted = {column: parameters[name] for name, column in mount.filters.items() if name in parameters}
    if missing := sorted(wanted.keys() - set(header)):
        raise UpstreamInvalid(
            f"the file has no column {', '.join(missing)}", f"文件缺少列：{'、'.join(missing)}"
        )
    return [row for row in rows if all(row.get(column) == value for column, value in wanted.items())]


def _table(body: bytes) -> tuple[Sequence[str], list[dict[str, Any]]]:
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        rows = [dict(row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise UpstreamInvalid("the file is not CSV in UTF-8", "文件不是 UTF-8 编码的 CSV") from None
    header = reader.fieldnames or []
    if not header or len(set(header)) != len(header):
        raise UpstreamInvalid("the file has no header of different names", "文件缺少表头或表头列名重复")
    if any(None in row or None in row.values() for row in rows):
        raise UpstreamInvalid("the file's rows do not fit its header", "文件的行与表头不一致")
    return header, rows
