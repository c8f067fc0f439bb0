"""Why a file is not read as a workbook: one word each, with what to do, in both languages."""

from typing import Final

_SAID: Final[dict[str, tuple[str, str]]] = {
    "not-a-workbook": (
        "the file is not an Excel workbook (.xlsx), or it is damaged; save it as “Excel workbook (.xlsx)” and send it again",
        "文件不是 Excel 工作簿（.xlsx）或已损坏；请另存为“Excel 工作簿（.xlsx）”后重新提交",
    ),
    "old-format": (
        "the file has the old format .xls or .et, or a password; save it as “Excel workbook (.xlsx)” without a password",
        "文件为旧格式（.xls、.et）或设有密码；请去除密码并另存为“Excel 工作簿（.xlsx）”",
    ),
    "encrypted": ("the file has a password; remove it and send the file again", "文件设有密码；请去除密码后重新提交"),
    "macros": (
        "the file holds macros; save it as “Excel workbook (.xlsx)” without macros",
        "文件含有宏；请另存为不含宏的“Excel 工作簿（.xlsx）”",
    ),
    "odd-parts": (
        "the archive of the file holds parts that no workbook has; copy the cells into the template and send that",
        "文件内部结构异常；请把内容复制到模板中重新提交",
    ),
    "too-many-parts": (
        "the archive of the file has more than {0} parts; remove pictures and spare sheets",
        "文件内部的部件超过 {0} 个；请删除图片和多余的工作表",
    ),
    "bomb": (
        "the file unpacks to far more than a catalogue can be; copy the cells into the template and send that",
        "文件解压后过大；请把内容复制到模板中重新提交",
    ),
    "too-many-rows": (
        "the sheet has more than {0} rows; send it in several files",
        "工作表超过 {0} 行；请拆分为多个文件提交",
    ),
}  # fmt: skip


class WorkbookRefused(Exception):
    """A file that is not read. ``code`` is the one word; ``en`` and ``zh`` say why and what to do."""

    def __init__(self, code: str, *details: str) -> None:
        en, zh = _SAID[code]
        self.code = code
        self.en, self.zh = en.format(*details), zh.format(*details)
        super().__init__(self.en)
