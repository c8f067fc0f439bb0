"""A licence (食品经营许可证) as a resource: its entry in the catalogue, and the department's records of it."""

from typing import Any

from world import another

NUMBER, HOLDER = "JY16210020001234", "91330106673959654P"
STATES = {"正常": "valid", "暂扣": "suspended", "吊销": "revoked", "已换证": "replaced", "已过期": "expired"}
TYPE_CODE = "11621000MB00000037001"
ISSUER = "11621000MB00000037"


def licence(question: str = "query", **changes: Any) -> dict[str, Any]:
    """The part of the entry that says which licence, and how its state is read."""
    own = {"code": "code"} if question == "code_check" else {}
    return {
        "type_code": TYPE_CODE, "type_name": "食品经营许可证", "issuer": ISSUER, "question": question,
        "number": "number", "holder": "holder", "state": "state", "states": STATES, "valid_until": "valid_until",
        **own, **changes,
    }  # fmt: skip


def parameters(question: str) -> list[dict[str, Any]]:
    by_number = {"name": "number", "title": "证照号码", "kind": "text", "controlled": True}
    by_holder = {"name": "holder", "title": "持证主体代码", "kind": "org_code"}
    by_code = {"name": "code", "title": "亮证码", "kind": "text", "personal": True, "controlled": True}
    return {"query": [by_number], "verification": [by_number, by_holder], "code_check": [by_code]}[question]


def entry(question: str = "query", **changes: Any) -> dict[str, Any]:
    """The entry; ``licence`` in ``changes`` changes that part."""
    own = changes.pop("licence", {})
    items = [
        {"name": "number", "title": "证照号码", "type": "C"},
        {"name": "holder", "title": "持证主体代码", "type": "C"},
        {"name": "name", "title": "经营者名称", "type": "C"},
        {"name": "state", "title": "证照状态", "type": "C"},
        {"name": "valid_until", "title": "有效期至", "type": "D"},
        {"name": "file", "title": "证照文件", "type": "M"},
    ]
    made = {"items": items, "parameters": parameters(question), "licence": licence(question, **own)}
    return another(**{**made, **changes})


def record(**changes: Any) -> dict[str, Any]:
    """What the department holds of one licence."""
    return {
        "number": NUMBER, "holder": HOLDER, "name": "示例餐饮有限公司", "state": "正常", "valid_until": "2099-12-31",
        "file": None, "inner": "内部备注", **changes,
    }  # fmt: skip
