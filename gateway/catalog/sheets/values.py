"""The value lists of the official form (发改高技〔2017〕1272号 编制指南) and what they are in a description.

What a clerk may write for a value besides its label: the label without the official letter or number, or that alone.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from gateway.catalog.value_lists import (
    BasisKind,
    DataType,
    FormatKind,
    Grade,
    ModeKind,
    SharingClass,
    UpdateCycle,
)

_SPARE: Final = re.compile(r"[\s\W_]+")


def folded(text: str) -> str:
    """``text`` without what clerks vary unseen: width, case, blanks, punctuation."""
    return _SPARE.sub("", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class ValueList:
    """Labels of a drop-down list and what each is in a description; ``others`` are further spellings of a label."""

    name: str
    labels: dict[str, Any]
    others: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _meant(self) -> dict[str, Any]:
        bare = {folded(re.sub(r"[A-Z]$", "", label)): value for label, value in self.labels.items()}
        exact = {folded(label): value for label, value in self.labels.items()}
        return {
            **{folded(other): self.labels[label] for other, label in self.others.items()},
            **bare,
            **exact,
        }

    def find(self, text: str) -> Any:
        """The value meant by ``text``; raises KeyError when it is none of the list."""
        return self.labels[text] if text in self.labels else self._meant[folded(text)]

    def label(self, value: Any) -> str:
        """The label of a value; an empty text for one the list does not have."""
        return next((label for label, one in self.labels.items() if one == value), "")


YES_NO: Final = ValueList("是否", {"是": True, "否": False}, {"Y": "是", "N": "否", "yes": "是", "no": "否"})
CLASSES: Final = ValueList("类", {"基础": "基础", "主题": "主题", "部门": "部门"},
                           {"基础信息资源": "基础", "主题信息资源": "主题", "部门信息资源": "部门",
                            "基础信息资源类": "基础", "主题信息资源类": "主题", "部门信息资源类": "部门"})  # fmt: skip
CLASS_DIGITS: Final = {"1": "基础", "2": "主题", "3": "部门"}
"""The first digit of a resource code says its 类."""

SHARING: Final = ValueList(
    "共享类型",
    {"无条件共享": SharingClass.UNCONDITIONAL, "有条件共享": SharingClass.CONDITIONAL, "不予共享": SharingClass.NOT_SHARED},
    {"1": "无条件共享", "2": "有条件共享", "3": "不予共享", "无条件": "无条件共享", "有条件": "有条件共享",
     "1无条件共享": "无条件共享", "2有条件共享": "有条件共享", "3不予共享": "不予共享"},
)  # fmt: skip
WAYS: Final = ValueList("共享方式分类", {"共享平台方式": "platform"}, {"共享平台": "共享平台方式"})
ELSEWHERE: Final = frozenset({"邮件方式", "介质方式", "拷盘方式", "介质拷盘方式", "邮件", "介质交换"})
"""共享方式分类 of the official list that do not pass through a gateway."""
MODES: Final = ValueList(
    "共享方式类型",
    {"接口": ModeKind.INTERFACE, "库表": ModeKind.TABLE, "文件": ModeKind.FILE},
    {"数据库": "库表", "数据库库表": "库表", "数据接口": "接口", "服务接口": "接口", "文件下载": "文件"},
)
FORMATS: Final = ValueList(
    "格式分类",
    {"电子文件": FormatKind.ELECTRONIC_FILE, "电子表格": FormatKind.SPREADSHEET, "数据库": FormatKind.DATABASE,
     "图形图像": FormatKind.IMAGE, "流媒体": FormatKind.STREAM, "自描述格式": FormatKind.SELF_DESCRIBING,
     "服务接口": FormatKind.SERVICE},
    {"图像": "图形图像", "图形": "图形图像", "自描述": "自描述格式", "接口": "服务接口"},
)  # fmt: skip
CYCLES: Final = ValueList(
    "更新周期",
    {"实时": UpdateCycle.REALTIME, "每日": UpdateCycle.DAILY, "每周": UpdateCycle.WEEKLY, "每月": UpdateCycle.MONTHLY,
     "每季度": UpdateCycle.QUARTERLY, "每半年": UpdateCycle.HALF_YEARLY, "每年": UpdateCycle.YEARLY,
     "不定期": UpdateCycle.IRREGULAR, "其他": UpdateCycle.OTHER},
    {"不定时": "不定期", "每天": "每日", "每季": "每季度", "半年": "每半年", "年": "每年"},
)  # fmt: skip
TYPES: Final = ValueList(
    "数据类型",
    {"字符型C": DataType.TEXT, "数值型N": DataType.NUMBER, "货币型Y": DataType.MONEY, "日期型D": DataType.DATE,
     "日期时间型T": DataType.DATETIME, "逻辑型L": DataType.BOOLEAN, "备注型M": DataType.NOTE,
     "通用型G": DataType.GENERIC, "双精度型B": DataType.DOUBLE, "整型I": DataType.INTEGER, "浮点型F": DataType.FLOAT,
     "自定义U": DataType.CUSTOM},
    {"C": "字符型C", "N": "数值型N", "Y": "货币型Y", "D": "日期型D", "T": "日期时间型T", "L": "逻辑型L", "M": "备注型M",
     "G": "通用型G", "B": "双精度型B", "I": "整型I", "F": "浮点型F", "整数型": "整型I", "U": "自定义U"},
)  # fmt: skip
GRADES: Final = ValueList("数据分级", {"一般": Grade.GENERAL, "重要": Grade.IMPORTANT, "核心": Grade.CORE},
                          {"一般数据": "一般", "重要数据": "重要", "核心数据": "核心"})  # fmt: skip
BASES: Final = ValueList(
    "依据类别",
    {"法律": BasisKind.LAW, "行政法规": BasisKind.REGULATION, "国务院决定": BasisKind.DECISION},
)
