"""What can go wrong with an export."""

from gateway.errors import Conflict, Forbidden, NotFound, Unavailable


class NoSuchExport(NotFound):
    """There is no export with this id（没有该编号的导出）."""

    remedy = ("Use the id that was answered when the export was asked for.", "请使用申请导出时返回的编号。")


class ExportNotReady(Unavailable):
    """The record of the export is not signed yet（导出记录尚未签名）."""

    remedy = ("Ask again in a second.", "请稍候一秒再试。")


class PackTooLarge(Conflict):
    """The export would hold more records than one pack may（导出记录数超过上限）."""

    remedy = (
        "Ask for a shorter time, and for the rest in further packs.",
        "请缩短时间范围，其余部分另行导出。",
    )


class RecordsDropped(Conflict):
    """Records of this time are no longer in the ledger（该时段的记录已依规移出账本）."""

    remedy = (
        "Ask for a later time; what was dropped lies in the archive files of its month.",
        "请选择更晚的时段；已移出的记录在当月的归档文件中。",
    )


class NotYoursToExport(Forbidden):
    """Only auditors export records of others（仅审计管理员可导出其他部门的记录）."""

    remedy = (
        "Ask for the use records of your own department, or let an auditor export.",
        "请导出本部门的使用记录，或由审计管理员导出。",
    )
