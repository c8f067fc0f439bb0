"""The columns of the form, in their order: one table for template, help, import and export.

A new field of the description is one line here. ``place`` is where the value stands in the description's JSON:
``a.b`` for a member of the entry, ``items.a`` for one of the data item; None is checked or shown, but not kept.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.catalog.sheets import values
from gateway.catalog.sheets.values import ValueList, folded


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    CODE = "code"
    """Digits that are no number: a cell typed as a number has lost its zeros or its end."""
    COUNT = "count"
    LIST = "list"
    DAY = "day"
    CODES = "codes"
    """Several codes, separated by 、 , ; or a line break."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: key, titles, kind, whether it must be filled, its place, its list, and the help in both languages."""

    key: str
    title: str
    en: str
    kind: Kind
    needed: bool
    place: str | None
    help_zh: str
    help_en: str
    values: ValueList | None = None
    width: int = 14

    @property
    def of_item(self) -> bool:
        """Whether it belongs to the row's data item rather than to the whole entry."""
        return self.place is not None and self.place.startswith("items.")


_T, _C, _N, _L = Kind.TEXT, Kind.CODE, Kind.COUNT, Kind.LIST

COLUMNS: Final = (
    Column("class_1", "类", "Class", _L, True, "classification.0", "信息资源分类的“类”，与代码首位一致：1 基础、2 主题、3 部门",
           "First level; agrees with the first digit of the code", values.CLASSES, 8),
    Column("class_2", "项", "Group", _T, True, "classification.1", "信息资源分类的“项”，如 市场监管", "Second level", None, 12),
    Column("class_3", "目", "Subgroup", _T, False, "classification.2", "信息资源分类的“目”，没有可不填", "Third level, if any", None, 10),
    Column("class_4", "细目", "Detail", _T, False, "classification.3", "信息资源分类的“细目”，没有可不填", "Fourth level, if any", None, 10),
    Column("name", "信息资源名称", "Resource name", _T, True, "name", "按内容命名，不要写系统名称；同一资源各行相同",
           "After the content, not after a system; the same on all rows of a resource", None, 24),
    Column("code", "信息资源代码", "Resource code", _C, True, "code", "类项目细目/顺序码，如 307011024701/000001；单元格设为文本，勿拖拽填充",
           "Such as 307011024701/000001; text, never filled by dragging", None, 24),
    Column("provider", "信息资源提供方", "Provider", _T, True, None, "本部门全称，与登记名称一致", "The department's registered name", None, 20),
    Column("provider_code", "提供方代码", "Provider code", _C, True, None, "本部门统一社会信用代码，18 位", "统一社会信用代码, 18 characters", None, 22),
    Column("summary", "信息资源摘要", "Summary", _T, True, "summary", "资源内容、范围、时段的简要说明", "What the data is about", None, 30),
    Column("format", "信息资源格式分类", "Format class", _L, True, "format", "从列表中选择", "Choose from the list", values.FORMATS, 12),
    Column("format_type", "信息资源格式类型", "Format type", _T, False, "format_type", "须属于所选格式分类，如 电子表格 → xlsx", "One of the format class, such as xlsx", None, 12),
    Column("item", "信息项名称", "Item title", _T, True, "items.title", "一行一个信息项", "One data item per row", None, 20),
    Column("item_name", "信息项标识", "Item name in calls", _T, False, "items.name", "接口中的字段名，小写英文；不填则自动编号",
           "Field name in calls; numbered when empty", None, 16),
    Column("type", "数据类型", "Data type", _L, True, "items.type", "从列表中选择", "Choose from the list", values.TYPES, 12),
    Column("length", "数据长度", "Length", _N, False, "items.length", "数字；没有可不填", "Digits, or empty", None, 8),
    Column("personal", "是否个人信息", "Personal data", _L, False, "items.personal", "是或否，不填为否", "是 or 否; 否 when empty", values.YES_NO, 10),
    Column("sharing", "共享类型", "Sharing class", _L, True, "sharing_class", "从列表中选择", "Choose from the list", values.SHARING, 12),
    Column("conditions", "共享条件", "Conditions", _T, False, "conditions", "无条件共享填“无条件”；有条件共享填条件；不予共享填法律、行政法规或国务院决定的名称和条款",
           "“无条件”; the conditions; or, where not shared, the citation of the law", None, 26),
    Column("basis", "不予共享依据类别", "Basis kind", _L, False, "not_shared_basis.kind", "仅不予共享时填写", "Only where not shared", values.BASES, 14),
    Column("reason", "不予共享理由", "Reason", _T, False, "not_shared_basis.reason", "仅不予共享时填写", "Only where not shared", None, 20),
    Column("way", "共享方式分类", "Way of sharing", _L, False, None, "共享平台方式", "By the platform", values.WAYS, 14),
    Column("mode", "共享方式类型", "Mode", _L, True, "mode", "文件类格式只能选文件，数据库选库表或接口", "Files share as 文件, databases as 库表 or 接口", values.MODES, 12),
    Column("open", "是否向社会开放", "Open to public", _L, False, "open_to_public", "是或否，不填为否", "是 or 否; 否 when empty", values.YES_NO, 12),
    Column("open_conditions", "开放条件", "Opening conditions", _T, False, "open_conditions", "向社会开放的条件", "If open", None, 16),
    Column("cycle", "更新周期", "Update cycle", _L, True, "update_cycle", "从列表中选择", "Choose from the list", values.CYCLES, 10),
    Column("published", "发布日期", "Published on", Kind.DAY, False, None, "发布后由平台填写，导入时不采用", "Set by the platform; not read", None, 12),
    Column("related", "关联资源代码", "Related codes", Kind.CODES, False, "related", "多个代码以顿号分隔", "Several are separated by 、", None, 20),
    Column("grade", "数据分级", "Grade", _L, False, "grade", "一般、重要或核心，不填为一般；核心数据不得共享", "一般 when empty; 核心 is never shared", values.GRADES, 10),
    Column("service", "服务标识", "Service name", _T, False, "service", "接口地址中的名称，小写英文；不填则由代码生成", "Name in addresses; made from the code when empty", None, 20),
    Column("survey_bytes", "数据存储总量", "Stored volume", _N, False, "survey.stored_volume", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("survey_records", "结构化信息记录总数", "Records", _N, False, "survey.stored_records", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("survey_shared_bytes", "已共享的数据存储量", "Shared volume", _N, False, "survey.shared_volume", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("survey_shared_records", "已共享的结构化记录数", "Shared records", _N, False, "survey.shared_records", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("survey_open_bytes", "已开放的数据存储量", "Open volume", _N, False, "survey.open_volume", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("survey_open_records", "已开放的结构化记录数", "Open records", _N, False, "survey.open_records", "只填数字，不清楚填 0", "Digits only, 0 if unknown", None, 10),
    Column("unit", "提供方内部部门", "Unit of the provider", _T, False, "provider_unit", "提供数据的内设机构，没有可不填", "If any", None, 14),
    Column("system", "所属信息系统", "System", _T, False, "system", "数据所在的信息系统，没有可不填", "The system the data comes from, if any", None, 14),
    Column("custom_type", "自定义类型", "Custom type", _T, False, "items.custom_type", "数据类型为“自定义”时填写", "For the type 自定义 only", None, 12),
)  # fmt: skip

BY_KEY: Final = {column.key: column for column in COLUMNS}

_OTHER_TITLES: Final = {
    "信息资源提供方代码": "provider_code", "信息资源格式": "format", "格式分类": "format", "格式类型": "format_type", "数据项名称": "item",
    "信息项": "item", "信息资源提供方名称": "provider", "提供方": "provider", "摘要": "summary", "代码": "code", "资源名称": "name",
    "信息资源分类": "class_1", "是否开放": "open", "信息项英文名": "item_name", "内部部门": "unit",
}  # fmt: skip
_BY_TITLE: Final = {
    **{folded(column.title): column for column in COLUMNS},
    **{folded(column.en): column for column in COLUMNS},
    **{folded(title): BY_KEY[key] for title, key in _OTHER_TITLES.items()},
}


def column_titled(title: str) -> Column | None:
    """The column of a title, written with or without remarks in brackets, a star, or blanks."""
    bare = title.split("（")[0].split("(")[0].split("\n")[0]
    return _BY_TITLE.get(folded(bare))
