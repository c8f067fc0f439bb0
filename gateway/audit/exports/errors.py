"""What can go wrong with an export."""

from gateway.errors import Conflict, Forbidden, NotFound, TooMany, Unavailable


class NoSuchExport(NotFound):
    """There is no export with this id（没有该编号的导出）."""

    remedy = ("Use the id that was answered when the export was asked for.", "请使用申请导出时返回的编号。")


class ExportNotReady(Conflict):
    """The pack of the export is not whole yet（举证包尚未制成）."""

    remedy = (
        "Look at the export until its state is done; rows_done of rows says how far it is.",
        "请查询该导出直至 state 为 done；rows_done 与 rows 为进度。",
    )


class NotSignedYet(Unavailable):
    """The record of the export is not signed yet（导出记录尚未签名）."""

    remedy = ("Ask again in a second.", "请稍候一秒再试。")


class ExportEnded(Conflict):
    """The export has no pack any more, or never got one（导出已终止或其举证包已销毁）."""

    status = 410
    remedy = (
        "Ask for it anew if the need remains; reason says what to ask for otherwise.",
        "如仍需要，请重新申请；reason 说明原因。",
    )


class TooManyExports(TooMany):
    """You have too many exports that are open or kept（未完成或保留中的导出过多）."""

    remedy = (
        "Fetch and delete a finished one first (DELETE at its address).",
        "请先下载并删除已完成的导出。",
    )


class ExportStoreFull(Unavailable):
    """The place for packs of exports is used up（举证包存储空间已用完）."""

    remedy = (
        "Try again later; packs are destroyed after their time. Operators: [exports] stored_bytes.",
        "请稍后重试；举证包到期即销毁。运维人员可调整 [exports] stored_bytes。",
    )


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
