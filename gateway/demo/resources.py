"""What the departments hold, as catalogue entries and mounts: data of the story, in the JSON of the control API."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from gateway.deadlines import Line
from gateway.demo.cast import CENTRE_EDITOR, CIVIL_APPROVER, MARKET_APPROVER, Person
from gateway.demo.departments.data_centre import FILE, LAYER


@dataclass(frozen=True, slots=True)
class Entry:
    """信息资源: who edits it, what the catalogue says, and what it is to the story."""

    key: str
    editor: Person
    role: Line
    description: Mapping[str, Any]

    @property
    def name(self) -> str:
        """信息资源名称."""
        return str(self.description["name"])

    @property
    def service(self) -> str:
        """The name of its data service."""
        return str(self.description["service"])


DIVISIONS: Final = Entry(
    "divisions",
    CENTRE_EDITOR,
    Line("unconditional, no controlled parameters", "无条件共享，无管控参数"),
    {
        "code": "103001001/000001",
        "service": "division-codes",
        "name": "行政区划代码表",
        "classification": ["基础信息资源", "自然资源和空间地理", "行政区划"],
        "summary": "庆阳市及所辖县区行政区划代码（GB/T 2260）。",
        "format": "spreadsheet",
        "items": [
            {"name": "code", "title": "行政区划代码", "type": "C", "length": 6},
            {"name": "name", "title": "行政区划名称", "type": "C", "length": 60},
            {"name": "level", "title": "行政级别", "type": "C", "length": 20},
            {"name": "parent_code", "title": "上级代码", "type": "C", "length": 6},
        ],
        "sharing_class": "unconditional",
        "mode": "file",
        "update_cycle": "yearly",
        "open_to_public": True,
        "open_conditions": "无",
    },
)

FIRMS: Final = Entry(
    "firms",
    MARKET_APPROVER,
    Line("unconditional, with a controlled parameter", "无条件共享，接口含管控参数"),
    {
        "code": "102001001/000001",
        "service": "enterprise-registration",
        "name": "企业登记信息",
        "classification": ["基础信息资源", "法人", "企业登记"],
        "summary": "按统一社会信用代码查询企业登记基本信息。",
        "format": "service",
        "items": [
            {"name": "uscc", "title": "统一社会信用代码", "type": "C", "length": 18},
            {"name": "name", "title": "企业名称", "type": "C", "length": 200},
            {"name": "legal_person", "title": "法定代表人", "type": "C", "length": 60, "personal": True},
            {"name": "registered_capital", "title": "注册资本（元）", "type": "Y"},
            {"name": "established_on", "title": "成立日期", "type": "D"},
            {"name": "status", "title": "登记状态", "type": "C", "length": 20},
            {"name": "business_scope", "title": "经营范围", "type": "M"},
        ],
        "sharing_class": "unconditional",
        "mode": "interface",
        "parameters": [
            {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True},
        ],
        "update_cycle": "realtime",
    },
)

MARRIAGES: Final = Entry(
    "marriages",
    CIVIL_APPROVER,
    Line("conditional", "有条件共享"),
    {
        "code": "101003001/000001",
        "service": "marriage-check",
        "name": "婚姻登记核验",
        "classification": ["基础信息资源", "人口", "婚姻登记"],
        "summary": "按公民身份号码核验当前是否处于婚姻登记状态。",
        "format": "database",
        "items": [
            {"name": "married", "title": "是否在婚", "type": "L", "personal": True},
            {"name": "registered_on", "title": "登记日期", "type": "D", "personal": True},
            {"name": "certificate_no", "title": "结婚证字号", "type": "C", "length": 40, "personal": True},
            {"name": "spouse_name", "title": "配偶姓名", "type": "C", "length": 60, "personal": True},
        ],
        "sharing_class": "conditional",
        "conditions": "限于办理依法须核实婚姻状况的政务服务事项，逐件核验，不得批量查询。",
        "mode": "table",
        "parameters": [
            {
                "name": "id_number",
                "title": "公民身份号码",
                "kind": "id_number",
                "controlled": True,
                "personal": True,
            },
        ],
        "update_cycle": "daily",
        "daily_quota_limit": 5000,
    },
)

BOUNDARIES: Final = Entry(
    "boundaries",
    CENTRE_EDITOR,
    Line("unconditional, a file given as it is", "无条件共享，整份文件"),
    {
        "code": "103001001/000002",
        "service": "division-boundaries",
        "name": "县级界线图",
        "classification": ["基础信息资源", "自然资源和空间地理", "行政界线"],
        "summary": "所辖县区行政界线矢量图层，整份提供。",
        "format": "electronic_file",
        "items": [{"name": "layer", "title": "界线图层", "type": "G"}],
        "sharing_class": "unconditional",
        "mode": "file",
        "update_cycle": "yearly",
    },
)

ADOPTIONS: Final = Entry(
    "adoptions",
    CIVIL_APPROVER,
    Line("not shared", "不予共享"),
    {
        "code": "101004001/000001",
        "service": "adoption-registration",
        "name": "收养登记信息",
        "classification": ["基础信息资源", "人口", "收养登记"],
        "summary": "收养关系登记档案。",
        "format": "database",
        "items": [{"name": "adopted", "title": "是否登记收养", "type": "L", "personal": True}],
        "sharing_class": "not_shared",
        "not_shared_basis": {
            "kind": "law",
            "citation": "《中华人民共和国民法典》第一千一百一十条",
            "reason": "收养人、送养人要求保守收养秘密的，他人应当尊重其意愿，不得泄露。",
        },
        "mode": "table",
        "update_cycle": "daily",
    },
)

ENTRIES: Final = (DIVISIONS, BOUNDARIES, FIRMS, MARRIAGES, ADOPTIONS)


def clearance(entry: Entry, today: date) -> dict[str, Any]:
    """保密风险, 个人信息保护影响 and the head's consent for an entry (Decree 809 Art. 13)."""
    on, number = today.isoformat(), str(entry.description["code"]).replace("/", "-")
    personal = any(
        one.get("personal") for part in ("items", "parameters") for one in entry.description.get(part, ())
    )
    assessed = {"by": "评估组（演示）", "on": on, "result": "acceptable"}
    given: dict[str, Any] = {
        "confidentiality": {**assessed, "reference": f"保评-{number}"},
        "head": {
            "reference": f"审-{number}", "name": "部门负责人（演示）", "position": "局长", "on": on, "result": "agreed",
        },
    }  # fmt: skip
    return (
        {**given, "personal_information": {**assessed, "reference": f"个评-{number}"}} if personal else given
    )


def mounts(sources: Mapping[str, str], divisions: Path) -> dict[str, dict[str, Any]]:
    """Where the data of each shared entry is.

    Args:
        sources: the addresses of the departments' services.
        divisions: the centre's file, whose content the mount pins.
    """
    return {
        DIVISIONS.key: {
            "kind": "file",
            "url": f"{sources['data_centre']}/files/{FILE}",
            "sha256": hashlib.sha256(divisions.read_bytes()).hexdigest(),
        },
        BOUNDARIES.key: {"kind": "folder", "path": LAYER, "media_type": "application/zip"},
        FIRMS.key: {
            "kind": "http",
            "url": f"{sources['market']}/enterprises/{{uscc}}",
            "records_at": "/data",
            "sources": {
                "uscc": "uniscid",
                "name": "entName",
                "legal_person": "legalPerson",
                "registered_capital": "regCap",
                "established_on": "estDate",
                "status": "regState",
                "business_scope": "opScope",
            },
        },
        MARRIAGES.key: {
            "kind": "table",
            "dsn": sources["civil_affairs"],
            "relation": "marriage_check",
            "filters": {"id_number": "id_number"},
        },
    }
