"""What can be wrong with a roster: each fault has a code, and says in both languages what is wrong and what to do."""

from collections.abc import Mapping
from typing import Final

from gateway.workbooks import CellFault


def fault_at(
    code: str, sheet: str, row: int, column: str, title: str, details: Mapping[str, object] | None = None
) -> CellFault:
    """The fault with its words filled in."""
    words = (text.format(title=title, **(details or {})) for text in SAID[code])
    return CellFault(code, sheet, row, column, title, *words)


SAID: Final[dict[str, tuple[str, str, str, str]]] = {
    "empty": ("“{title}” is empty", "“{title}”为空", "Fill it in: {help_en}.", "请填写：{help_zh}。"),
    "bad-name": (
        "“{title}” is not one line of at most 200 characters", "“{title}”须为一行且不超过 200 个字符", "Shorten it.", "请更正。"),
    "not-slug": (
        "“{value}” is not lower-case words joined by hyphens, 2 to 60 characters", "“{value}”不是以连字符连接的小写英文单词（2 至 60 个字符）",
        "Write it like trading-clerk.", "请按 trading-clerk 的形式填写。"),
    "bad-org": (
        "“{value}” fails the check digit of a 统一社会信用代码", "“{value}”不是有效的统一社会信用代码（校验不符）",
        "Copy the code from the department's certificate; do not fill by dragging.", "请按证书填写，不要拖拽填充。"),
    "unknown-org": (
        "the department {value} is not registered", "部门 {value} 尚未登记",
        "The platform administrator registers it first: POST /v1/orgs.", "请先由平台管理员登记该部门。"),
    "number-cell": (
        "the code is stored as a number, so its end may be lost", "代码单元格为数值格式，可能丢失尾数",
        "Set the cell's format to text and type the code again.", "请将单元格格式设为“文本”后重新输入。"),
    "not-role": ("“{value}” is no role", "“{value}”不是角色", "Choose of: {allowed}.", "请从以下角色中选择：{allowed}。"),
    "powers": (
        "no person may hold two of 平台管理员, 安全管理员, 审计管理员", "平台管理员、安全管理员、审计管理员不得由一人兼任（三权分立）",
        "Give them to different people.", "请分别指定不同人员。"),
    "not-state": ("“{value}” is no state", "“{value}”不是状态", "Write 在用 or 停用.", "请填写“在用”或“停用”。"),
    "bad-key": (
        "the public key is not acceptable: {why}", "公钥不可接受：{why_zh}",
        "Paste the JWK that ./gw token --new-key printed.", "请粘贴 ./gw token --new-key 输出的公钥（JWK）。"),
    "no-key": (
        "a new system needs a public key", "新登记的应用系统须有公钥", "Paste its public JWK.", "请填写公钥（JWK）。"),
    "key-taken": (
        "the key {value} belongs to another system", "公钥 {value} 已用于其他应用系统", "Make a new key pair for this one.",
        "请为本系统另行生成密钥对。"),
    "key-revoked": (
        "the key {value} was revoked", "公钥 {value} 已吊销", "Make a new key pair.", "请生成新的密钥对。"),
    "twice": (
        "“{value}” stands in row {first} already", "“{value}”与第 {first} 行重复", "Delete one of the rows.", "请删除其中一行。"),
    "nobody-to-end": (
        "“{value}” is not registered and cannot be ended", "“{value}”尚未登记，无法停用", "Delete the row, or correct it.",
        "请删除该行或更正。"),
    "other-org": (
        "it is registered with the department {value}, and records name that one", "已登记在部门 {value} 名下，历史记录以该部门为准",
        "End it there, and register a new one with this department.", "请先停用，再以新的登录名（标识）登记到本部门。"),
    "ended": (
        "“{value}” was ended and stays so", "“{value}”已停用，不能恢复", "Register a new login or id.", "请使用新的登录名（标识）登记。"),
    "own-row": (
        "nobody changes or ends oneself", "不得变更或停用本人", "Another security administrator does it; delete the row.",
        "请由其他安全管理员办理；请删除该行。"),
    "formula": (
        "the cell holds a formula; only values are read", "单元格含公式，导入只接受值", "Copy the cell and paste it as values.",
        "请复制后“选择性粘贴—数值”。"),
    "error-value": (
        "the cell shows an error such as #N/A", "单元格为错误值（如 #N/A）", "Write the value itself.", "请填写实际值。"),
    "no-titles": (
        "no sheet has the column titles of the form", "没有找到含规定列标题的工作表",
        "Copy your rows into the template; titles stand in one of the first ten rows.", "请把数据复制到模板中；列标题须在前十行内。"),
    "no-rows": ("the sheets have titles but no rows", "工作表只有标题，没有数据", "Fill in one row each.", "请逐行填写。"),
    "no-column": (
        "the column “{title}” is missing", "缺少“{title}”列", "Add the column with this title, as in the template.", "请按模板补充该列。"),
    "column-twice": ("“{title}” stands twice", "“{title}”列重复", "Delete one of the columns.", "请删除其中一列。"),
}  # fmt: skip
"""English, Chinese, remedy in English, remedy in Chinese. tests/integration/identity/test_roster.py walks through them."""
