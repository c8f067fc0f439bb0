"""The columns of the two sheets, and what stands in their cells."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, an explanation in both languages, whether a cell may be empty, its width in characters."""

    title: str
    en: str
    zh: str
    needed: bool = True
    width: int = 20


IN_USE, ENDED = "在用", "停用"
PEOPLE_SHEET, CLIENT_SHEET = "人员", "应用系统"

PEOPLE: Final = {
    "login": Column(
        "登录名",
        "lower-case words joined by hyphens, e.g. trading-clerk",
        "小写英文单词，以连字符连接，如 trading-clerk",
    ),
    "name": Column("姓名", "the person's name", "人员姓名"),
    "org": Column(
        "部门代码",
        "the department's 统一社会信用代码, registered here",
        "已登记部门的统一社会信用代码",
        width=24,
    ),
    "roles": Column(
        "角色", "one or more of the roles, separated by 、", "一个或多个角色，以顿号分隔", width=28
    ),
    "state": Column("状态", "在用 or 停用; empty is 在用", "在用或停用，空为在用", needed=False, width=10),
}
CLIENTS: Final = {
    "id": Column("系统标识", "lower-case words joined by hyphens, e.g. bidding", "小写英文单词，以连字符连接，如 bidding"),
    "name": Column("系统名称", "the system's name", "应用系统名称"),
    "org": Column("部门代码", "the department's 统一社会信用代码, registered here", "已登记部门的统一社会信用代码", width=24),
    "keys": Column("公钥", "a public JWK, needed for a new system; empty leaves the keys as they are", "公钥（JWK），新系统必填；空则不变",
                   needed=False, width=60),
    "state": Column("状态", "在用 or 停用; empty is 在用", "在用或停用，空为在用", needed=False, width=10),
}  # fmt: skip
