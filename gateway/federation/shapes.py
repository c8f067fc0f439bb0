"""What is told, in the platforms' members: catalogue entry, service, table, application, correction. Pure.

The names follow what public clients send; a member whose value we do not have is left out, never invented.
"""

from typing import Any, Final

from gateway.catalog import Resource, State, TableMount
from gateway.federation.model import LocalApplication

_CLASSES: Final = {"unconditional": "1", "conditional": "2", "not_shared": "3"}
_MODES: Final = {"interface": "接口", "table": "库表", "file": "文件"}
_UPDATED: Final = {
    "realtime": "实时", "daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季度",
    "half_yearly": "每半年", "yearly": "每年", "irregular": "不定时",
}  # fmt: skip
_DAY_HOURS: Final = 24


def catalogue_entry(resource: Resource, provider_name: str) -> dict[str, Any]:
    """目录级联: the metadata of 1272号; ``opType`` says whether the entry is put or withdrawn."""
    what = resource.description
    basis = what.not_shared_basis
    condition = what.conditions or (basis.citation if basis else "无条件")
    return {
        "opType": "delete" if resource.state is State.WITHDRAWN else "put",
        "cataCode": what.code,
        "version": resource.version,
        "cata_title": what.name,
        "classes": list(what.classification),
        "abst": what.summary,
        "deptId": resource.provider_org,
        "dept": provider_name,
        "format": what.format,
        "sharedType": _CLASSES[what.sharing_class],
        "sharedCondition": condition,
        "sharedMode": _MODES[what.mode],
        "isOpen": "1" if what.open_to_public else "0",
        "updateCycle": _UPDATED[what.update_cycle],
        "grade": what.grade,
        "items": [
            {"name": item.name, "title": item.title, "type": item.type, "length": item.length or ""}
            for item in what.items
        ],
    }


def service(resource: Resource, provider_name: str, calls_url: str) -> dict[str, Any]:
    """资源级联 of an interface or file: it is called at this gateway, never at the department's own address."""
    what = resource.description
    return {
        "cnName": what.name,
        "enName": what.service,
        "cataCode": what.code,
        "version": resource.version,
        "cata_title": what.name,
        "serviceDesc": what.summary,
        "abst": what.summary,
        "serviceType": _MODES[what.mode],
        "registerId": resource.provider_org,
        "register": provider_name,
        "deptId": resource.provider_org,
        "dept": provider_name,
        "isPublic": "1" if what.sharing_class == "unconditional" else "0",
        "reqRate": f"{max(1, what.daily_quota_limit // _DAY_HOURS)}次/小时",
        "url": f"{calls_url}/services/{what.service}",
        "methods": [
            {
                "methodName": what.service,
                "methodType": "POST",
                "responseType": "json",
                "inputParams": [
                    {
                        "name": one.name,
                        "type": one.kind,
                        "isRequired": "1" if one.required else "0",
                        "position": "body",
                        "describe": one.title,
                    }
                    for one in what.parameters
                ],
            }
        ],
    }


def table(resource: Resource, provider_name: str) -> dict[str, Any]:
    """资源级联 of a table: its columns by the catalogue, not its address."""
    what = resource.description
    keys = set(resource.mount.filters) if isinstance(resource.mount, TableMount) else set()
    return {
        "opType": "put",
        "cataCode": what.code,
        "version": resource.version,
        "tableName": what.service,
        "deptId": resource.provider_org,
        "dept": provider_name,
        "columns": [
            {
                "name": item.name,
                "dbType": item.type,
                "title": item.title,
                "pkcolumn": "1" if item.name in keys else "0",
            }
            for item in what.items
        ],
    }


def application(one: LocalApplication, consumer_name: str, upper_code: str, note: str) -> dict[str, Any]:
    """供需级联: the form of Decree 809 Art. 20, under our own number."""
    return {
        "applyNo": str(one.id),
        "resourceCode": upper_code,
        "applyDeptId": one.consumer_org,
        "applyDept": consumer_name,
        "useBasis": one.basis,
        "useScene": one.scene,
        "useScope": one.scope,
        "sharedMode": _MODES.get(one.mode, one.mode),
        "items": list(one.fields),
        "beginDate": one.valid_from.isoformat() if one.valid_from else "",
        "endDate": one.valid_until.isoformat() if one.valid_until else "",
        "matterCode": one.matter,
        "signOff": dict(one.sign_off),
        "remark": note,
    }


def correction(
    number: str, org: str, org_name: str, resource_code: str, item: str, problem: str
) -> dict[str, Any]:
    """目录纠错, to the owner by way of the platform. The problem says what is wrong, not whose record it is."""
    return {
        "problemNo": number,
        "resourceCode": resource_code,
        "item": item,
        "problem": problem,
        "deptId": org,
        "dept": org_name,
    }
