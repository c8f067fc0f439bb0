"""What can be wrong with a sheet: each fault has a code, and says in both languages what is wrong and what to do."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Said:
    """The words for a code; ``{}`` places take details."""

    en: str
    zh: str
    remedy: str
    remedy_zh: str


SAID: Final[dict[str, Said]] = {
    "empty": Said(
        "{title_en} is empty", "“{title}”为空", "Fill it in: {help_en}.", "请填写：{help_zh}。"),
    "not-in-list": Said(
        "“{value}” is not in the list of {title_en}", "“{value}”不在“{title}”的可选值中",
        "Choose one of: {allowed}.", "请从以下值中选择：{allowed}。"),
    "not-digits": Said(
        "“{value}” is not a whole number", "“{value}”不是整数", "Write digits only, without unit; 0 if unknown.",
        "只填阿拉伯数字，不带单位；不清楚填 0。"),
    "number-cell": Said(
        "the code is stored as a number, so zeros or its end may be lost", "代码单元格为数值格式，可能丢失前导零或尾数",
        "Set the cell's format to text and type the code again.", "请将单元格格式设为“文本”后重新输入代码。"),
    "bad-code": Said(
        "“{value}” is not a resource code", "“{value}”不是有效的信息资源代码",
        "Write class, group, subgroup and detail as digits, a slash and the sequence number: 307011024701/000001.",
        "应为类项目细目代码、斜杠和顺序码，如 307011024701/000001。"),
    "short-provider-code": Said(
        "“{value}” has {count} characters; a provider code has 18", "“{value}”只有 {count} 位，提供方代码应为 18 位",
        "Copy the whole 统一社会信用代码 of the department.", "请完整填写本部门 18 位统一社会信用代码。"),
    "bad-provider-code": Said(
        "“{value}” fails its check digit", "“{value}”校验位不符，不是有效的统一社会信用代码",
        "Copy the code from the department's certificate; do not fill by dragging.",
        "请按证书重新填写，不要拖拽填充。"),
    "other-provider-code": Said(
        "“{value}” is not the code of your department, which is {own}", "“{value}”不是本部门的代码，本部门代码为 {own}",
        "Write {own}; another department imports its own entries.", "请填写 {own}；其他部门的资源由该部门自行导入。"),
    "other-provider": Said(
        "“{value}” is not your department, which is registered as “{own}”", "“{value}”与本部门登记名称“{own}”不一致",
        "Write the registered name: {own}.", "请填写登记名称：{own}。"),
    "drifted": Said(
        "“{value}” continues a series from row {row}: it was filled by dragging", "“{value}”由第 {row} 行拖拽填充递增而来",
        "Copy the cell of row {row} instead of dragging it.", "请复制第 {row} 行的单元格，不要拖拽填充。"),
    "differs": Said(
        "“{value}” differs from “{first}” in row {row}, though both rows are of {of}",
        "“{value}”与第 {row} 行的“{first}”不一致，而两行同属 {of}",
        "Write the same in all rows of a resource, or leave the later ones empty.",
        "同一信息资源各行应填写一致，后续行也可留空。"),
    "named-after-system": Said(
        "“{value}” names a system, not its content", "“{value}”是系统名称，不是数据内容的名称",
        "Name what the data is about, such as 企业登记信息.", "请按数据内容命名，如“企业登记信息”。"),
    "same-name": Said(
        "“{value}” is the same name as in row {row} but for blanks or punctuation", "“{value}”与第 {row} 行名称相同（仅空格、标点或全半角不同）",
        "Merge the two entries, or give them names that differ.", "请合并为一个资源，或使用不同名称。"),
    "same-item": Said(
        "the item “{value}” stands in row {row} already", "信息项“{value}”与第 {row} 行重复",
        "Delete one of the rows.", "请删除其中一行。"),
    "same-item-name": Said(
        "the item name “{value}” stands in row {row} already", "信息项标识“{value}”与第 {row} 行重复",
        "Use another name, or leave it empty.", "请更换标识，或留空自动编号。"),
    "same-service": Said(
        "the service name “{value}” is used in row {row} by another resource", "服务标识“{value}”已被第 {row} 行的资源使用",
        "Use another name, or leave it empty.", "请更换标识，或留空自动生成。"),
    "format-type": Said(
        "“{value}” does not belong to the format class {format}", "“{value}”不属于格式分类“{format}”",
        "Choose one of: {allowed}; or correct the format class.", "应为：{allowed}；或更正格式分类。"),
    "mode-of-format": Said(
        "the format class {format} cannot be shared as {value}", "格式分类“{format}”不能以“{value}”方式共享",
        "Choose {allowed}.", "请选择：{allowed}。"),
    "elsewhere": Said(
        "“{value}” does not pass through the platform", "“{value}”不经过共享平台",
        "Write 共享平台方式; this gateway shares by the platform only.", "请填写“共享平台方式”，本网关只支持平台共享。"),
    "class-of-code": Said(
        "the class is “{value}”, but the code {code} begins with {digit}, which is {wanted}",
        "类为“{value}”，但代码 {code} 首位为 {digit}，应属“{wanted}”",
        "Correct the class or the code.", "请更正类或代码。"),
    "no-conditions": Said(
        "conditional sharing without conditions", "有条件共享未写明共享条件",
        "Write for which use and scope the data is shared.", "请写明共享的范围和用途。"),
    "spare-conditions": Said(
        "unconditional sharing with conditions: “{value}”", "无条件共享却填写了条件：“{value}”",
        "Write 无条件, or change the sharing class to 有条件共享.", "请填“无条件”，或将共享类型改为“有条件共享”。"),
    "no-basis": Said(
        "not shared without its legal basis", "不予共享未写明法律依据",
        "Fill 共享条件 with law and article, 不予共享依据类别 and 不予共享理由; only a law, an administrative regulation "
        "or a State Council decision will do (Decree 809 Art. 14).",
        "请在“共享条件”写明名称和条款，并填写“不予共享依据类别”“不予共享理由”；仅限法律、行政法规、国务院决定（条例第十四条）。"),
    "spare-basis": Said(
        "a basis for not sharing, but the class is not 不予共享", "填写了不予共享依据，但共享类型不是“不予共享”",
        "Empty the cell, or change the sharing class.", "请清空该单元格，或更正共享类型。"),
    "grade": Said(
        "“核心” data may not enter the catalogue for sharing", "核心数据不得编入共享目录",
        "Remove the entry, or correct its grade.", "请删除该资源，或更正数据分级。"),
    "bad-day": Said(
        "“{value}” is not a day", "“{value}”不是日期", "Write it like 2026-01-31, or leave it empty.", "请按 2026-01-31 填写，或留空。"),
    "formula": Said(
        "the cell holds a formula; only values are read", "单元格含公式，导入只接受值",
        "Copy the cell and paste it as values.", "请复制后“选择性粘贴—数值”。"),
    "error-value": Said(
        "the cell shows an error such as #N/A", "单元格为错误值（如 #N/A）", "Write the value itself.", "请填写实际值。"),
    "no-titles": Said(
        "no sheet has the column titles of the form", "没有找到含规定列标题的工作表",
        "Copy your rows into the template; the titles stand in one of the first ten rows.",
        "请把数据复制到模板中；列标题须在前十行内。"),
    "no-rows": Said("the sheet has titles but no data", "工作表只有标题，没有数据", "Fill in one row per data item.", "请每个信息项填写一行。"),
    "no-column": Said(
        "the column {title_en} is missing", "缺少“{title}”列", "Add the column with this title, as in the template.",
        "请按模板补充该列。"),
    "unknown-column": Said(
        "“{value}” is no column of the form{near_en}", "“{value}”不是规定的列{near_zh}",
        "Rename or delete the column; remarks belong above the titles.", "请更正列标题或删除该列。"),
    "column-twice": Said(
        "“{value}” stands twice, in column {first} too", "“{value}”列重复，已在 {first} 列",
        "Delete one of the columns.", "请删除其中一列。"),
    "no-code": Said(
        "the row has no resource code, and none above it", "本行没有信息资源代码，上方也没有可沿用的代码",
        "Write the code of the resource the item belongs to.", "请填写该信息项所属资源的代码。"),
    "too-many-items": Said(
        "the resource has more than {count} items", "该资源的信息项超过 {count} 个", "Split it by content.", "请按内容拆分为多个资源。"),
    "not-accepted": Said("{en}", "{zh}", "Correct the cell.", "请更正该单元格。"),
    "code-taken": Said(
        "the code {value} belongs to another department's entry", "代码 {value} 已被其他部门的资源使用",
        "Use the next sequence number of your own.", "请使用本部门的下一个顺序码。"),
    "name-taken": Said(
        "your department has an entry of this name already, with the code {code}", "本部门已有同名资源，代码为 {code}",
        "Use that code to change it, or choose another name.", "如要修改请使用该代码，否则请更换名称。"),
    "service-taken": Said(
        "the service name “{value}” is taken", "服务标识“{value}”已被占用", "Use another name, or leave it empty.",
        "请更换标识，或留空自动生成。"),
    "not-draft": Said(
        "the entry {value} is {state} and cannot be changed by a sheet", "资源 {value} 当前为“{state_zh}”，不能用表格修改",
        "Remove its rows, or have it returned to draft first.", "请删除这些行，或先将其退回草稿。"),
}  # fmt: skip
"""Every fault by its code. tests/integration/catalog/sheets walk through those people meet."""
