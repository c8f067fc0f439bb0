"""庆阳市数据资源中心 (demo): a file of the codes of administrative divisions, written and served over HTTP.

The codes are those of 庆阳市 and its counties in GB/T 2260; the last column is the centre's own business.
"""

import asyncio
import csv
import random
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from gateway.demo.departments.serving import serve

FILE: Final = "xingzheng-quhua.csv"
LAYER: Final = "xianji-jiexian.zip"
_LAYER_BYTES: Final = 3_000_000
COLUMNS: Final = ("code", "name", "level", "parent_code", "checked_by")

_CITY: Final = ("621000", "庆阳市", "地级市", "620000", "示例校核员")
_COUNTIES: Final = {
    "621002": "西峰区",
    "621021": "庆城县",
    "621022": "环县",
    "621023": "华池县",
    "621024": "合水县",
    "621025": "正宁县",
    "621026": "宁县",
    "621027": "镇原县",
}


def write_divisions(path: Path) -> None:
    """The table as CSV in UTF-8 with a header line."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerow(_CITY)
        for code, name in _COUNTIES.items():
            level = "市辖区" if name.endswith("区") else "县"
            rows.writerow((code, name, level, _CITY[0], _CITY[4]))


def write_layer(path: Path) -> None:
    """A stand-in for a map layer: three million bytes that no one could have guessed."""
    path.write_bytes(random.Random(621000).randbytes(_LAYER_BYTES))  # a stand-in, no secret


def main(folder: Path) -> None:
    """Write the file and serve its folder until told to end."""
    files = folder / "files"
    files.mkdir()
    write_divisions(files / FILE)
    app = web.Application()
    app.router.add_static("/files", files)
    asyncio.run(serve(app, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
