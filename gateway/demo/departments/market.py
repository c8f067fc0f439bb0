"""庆阳市市场监管局 (demo): an HTTP service that answers with everything it holds on a firm.

It names its fields in its own way and sends more than anybody was granted: what may leave is the gateway's matter.
Every answer is noted in ``journal.jsonl`` of its folder, so that the story can show what was sent.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from gateway.demo.departments.serving import serve

JOURNAL: Final = "journal.jsonl"
FIRM: Final = "91621002MA9D00101J"
FIRM_BESIDE: Final = "91621022MA9D00208W"
FIRM_ELSEWHERE: Final = "91620102MA9D003040"

_FIRMS: Final[dict[str, dict[str, Any]]] = {
    FIRM: {
        "uniscid": FIRM, "entName": "庆阳示例置业有限公司", "legalPerson": "示例甲", "regCap": "5000000.00",
        "estDate": "2016-03-18", "regState": "存续", "opScope": "房地产开发经营；物业管理",
        "contactPhone": "0934-0000001", "shareholders": [{"name": "示例甲", "share": "60%"}], "remark": "内部备注",
    },
    FIRM_BESIDE: {
        "uniscid": FIRM_BESIDE, "entName": "环县示例建材有限公司", "legalPerson": "示例乙",
        "regCap": "800000.00", "estDate": "2019-07-02", "regState": "存续", "opScope": "建筑材料销售",
        "contactPhone": "0934-0000002", "shareholders": [{"name": "示例乙", "share": "100%"}], "remark": "",
    },
    FIRM_ELSEWHERE: {
        "uniscid": FIRM_ELSEWHERE, "entName": "兰州示例贸易有限公司", "legalPerson": "示例丙",
        "regCap": "1200000.00", "estDate": "2020-11-11", "regState": "存续", "opScope": "日用百货销售",
        "contactPhone": "0931-0000003", "shareholders": [{"name": "示例丙", "share": "100%"}], "remark": "",
    },
}  # fmt: skip
_FOLDER: Final = web.AppKey("folder", Path)


async def show_firm(request: web.Request) -> web.Response:
    """A firm by its 统一社会信用代码; a firm that is not registered gives an empty list."""
    firm = _FIRMS.get(request.match_info["uscc"])
    found = [firm] if firm else []
    _note(request.app[_FOLDER], request, sorted(firm or ()))
    return web.json_response({"code": "0", "message": "ok", "data": found})


def _note(folder: Path, request: web.Request, sent: list[str]) -> None:
    line = {
        "request_id": request.headers.get("Request-Id", ""),
        "consumer": request.headers.get("Gateway-Consumer", ""),
        "sent": sent,
    }
    with (folder / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(line) + "\n")


def main(folder: Path) -> None:
    """Serve until told to end."""
    app = web.Application()
    app[_FOLDER] = folder
    app.router.add_get("/enterprises/{uscc}", show_firm)
    asyncio.run(serve(app, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
