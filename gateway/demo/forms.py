"""The six applications and what is decided on them: data of the story, in the JSON of the control API."""

from datetime import date, timedelta
from typing import Any, Final

from gateway.demo.cast import SYSTEM
from gateway.demo.departments.market import FIRM
from gateway.demo.resources import ADOPTIONS, BOUNDARIES, DIVISIONS, FIRMS, MARRIAGES, Entry

MATTER: Final = "621000-ZRZY-BDC-01"
CASE: Final = "BDC-0000123"
PURPOSE: Final = "real-estate-registration"
QUOTA: Final = 3
"""Calls a day that 民政局 grants of those asked for."""

_ASKED_FIRMS: Final = FIRM[:4]
GRANTED_FIRMS: Final = FIRM[:6]
"""91 is a firm, 6210 is 庆阳: what 市场监管局 grants of what was asked, the firms of the whole province."""

_BASIS: Final = "《不动产登记暂行条例》及其实施细则：不动产登记机构审查登记申请材料。"
_SCENE: Final = "不动产登记一窗受理、五个工作日内办结：受理窗口核对申请人身份与主体信息，免收纸质证明。"


def form(key: str, resource_id: str, today: date) -> dict[str, Any]:
    """The application form for one of the entries, or ``unfit``."""
    return {
        "resource_id": resource_id,
        "client": SYSTEM,
        "basis": _BASIS,
        "purpose": PURPOSE,
        "scene": _SCENE,
        "scope": "庆阳市不动产登记中心受理窗口，按件使用。",
        "valid_from": today.isoformat(),
        "valid_until": (today + timedelta(365)).isoformat(),
        "sign_off": sign_off("自然资源局负责人（演示）", today),
        **_PARTICULAR[key],
    }


_PARTICULAR: Final[dict[str, dict[str, Any]]] = {
    DIVISIONS.key: {"mode": "file", "fields": ["code", "name"], "daily_quota": 100},
    BOUNDARIES.key: {"mode": "file", "fields": ["layer"], "daily_quota": 10},
    FIRMS.key: {
        "mode": "interface",
        "fields": ["uscc", "name", "legal_person", "status"],
        "parameters": {"uscc": {"prefix": _ASKED_FIRMS}},
        "daily_quota": 500,
    },
    MARRIAGES.key: {
        "mode": "table",
        "fields": ["married", "registered_on", "certificate_no", "spouse_name"],
        "daily_quota": 300,
        "matter": MATTER,
    },
    ADOPTIONS.key: {"mode": "table", "fields": ["adopted"], "daily_quota": 10},
    "unfit": {
        "mode": "interface",
        "fields": [str(item["name"]) for item in FIRMS.description["items"]],
        "daily_quota": 100000,
        "purpose": "data-reserve",
        "scene": "工作需要，数据备用。",
        "scope": "全市所有企业的全部登记信息。",
    },
}

UNFIT_REASONS: Final = [
    {"code": "scene_unclear", "text": "“工作需要、数据备用”不是具体使用场景，请写明办理事项与环节。"},
    {"code": "scope_excessive", "text": "申请全部企业、全部字段，超出不动产登记的履职需要。"},
]


def approval(entry: Entry, today: date) -> dict[str, Any]:
    """What the providing department agrees to: less than asked."""
    if entry is FIRMS:
        narrowed: dict[str, Any] = {
            "fields": ["uscc", "name", "status"],
            "parameters": {"uscc": {"prefix": GRANTED_FIRMS}},
        }
        opinion = "同意。限本市企业；法定代表人姓名与本事项无关，不提供。"
    else:
        narrowed = {
            "fields": ["married"],
            "daily_quota": QUOTA,
            "valid_until": (today + timedelta(180)).isoformat(),
        }
        opinion = "同意核验。只答是否，不提供登记日期、证号和配偶姓名；限不动产登记场景，每日限次。"
    return {"narrowed": narrowed, "opinion": opinion, "sign_off": sign_off("提供部门负责人（演示）", today)}


def sign_off(name: str, on: date) -> dict[str, str]:
    """The consent of a department's head."""
    return {"name": name, "position": "分管负责人", "on": on.isoformat()}
