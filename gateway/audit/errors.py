"""What can go wrong in this room."""

from gateway.errors import BadSettings, Conflict, Malformed, NotFound, Unavailable


class AuditUnavailable(Unavailable):
    """The audit record could not be written, so nothing was done（审计记录未能写入，操作未执行）."""

    remedy = (
        "Try again after the time in Retry-After; no data was released.",
        "请在 Retry-After 所示时间之后重试；未提供任何数据。",
    )


class RecordTooLarge(Malformed):
    """The request carries more than an audit record can hold（请求内容超出审计记录容量）."""

    remedy = ("Shorten the texts of the request.", "请缩短请求中的文字内容。")


class NoSuchRecord(NotFound):
    """There is no audit record with this id（没有该编号的审计记录）."""


class NoPersonalDetail(NotFound):
    """The record holds no personal detail（该审计记录不含个人信息）."""

    remedy = (
        "Read the record itself; only records with a member personal can be opened.",
        "请查看记录本身；仅含 personal 的记录可供开启。",
    )


class PersonalDetailDestroyed(Conflict):
    """The key of the personal detail was destroyed（个人信息密钥已销毁）."""

    remedy = (
        "Nobody can read it any more; the record itself, its time, parties and proof remain.",
        "任何人均无法再读取；记录本身及其时间、各方与证明仍然有效。",
    )


class NothingSigned(NotFound):
    """The log has signed no checkpoint yet（审计日志尚未签发检查点）."""

    remedy = ("Ask again in a second.", "请稍后再试。")


class ReceiptBroken(Unavailable):
    """The record does not lead to what the log signed（该记录与已签名的日志不符）."""

    remedy = (
        "No receipt was given. Call the audit officer: ./gw audit verify says what was changed.",
        "未出具回执。请联系审计管理员：./gw audit verify 可指出被改动之处。",
    )


class NoSuchTile(NotFound):
    """The log has no such tile of hashes（日志没有该哈希块）."""

    remedy = (
        "Read the checkpoint first: only tiles that its size fills, or begins, are there.",
        "请先读取检查点：仅有其大小所填满或已开始的哈希块。",
    )


class NotSignedThatFar(NotFound):
    """The log was not signed at these sizes（日志尚未签名至该大小）."""

    remedy = (
        "Name two sizes up to that of the newest checkpoint, the earlier one first and at least 1.",
        "请给出不大于最新检查点的两个大小，前者在先且至少为 1。",
    )


class NothingWitnessed(NotFound):
    """No checkpoint is witnessed yet（尚无经见证的检查点）."""

    remedy = (
        "Ask again in some seconds; if it stays so, GET /v1/audit/standing says since when witnesses are late.",
        "请稍后再试；如持续如此，可通过 GET /v1/audit/standing 查看见证滞后情况。",
    )


class LogRolledBack(BadSettings):
    """The audit log is not the one that was signed（审计日志与已签名的检查点不一致）."""

    remedy = (
        "Stop here and call the audit officer: the database is an old copy, or was rewritten. Keep the file of the signed "
        "head; ./gw audit verify says what differs. If a restore was meant, go on with ./gw audit rollover.",
        "请立即停止并通知审计管理员：数据库是旧副本或已被改写。请保留签名检查点文件；./gw audit verify 可指出差异。如确为恢复备份，"
        "请办理 ./gw audit rollover。",
    )


class TilesMissing(Unavailable):
    """Hashes of the audit log's tree are missing（审计日志的部分哈希块缺失）."""

    remedy = (
        "Records go on being ordered. ./gw audit verify names the first tile that is missing; restore it from a backup.",
        "审计记录仍在继续整理。./gw audit verify 会指出缺失的第一个哈希块，请从备份恢复。",
    )


class LedgerMoved(Conflict):
    """Another integrator extended the ledger first（其他整理进程已先行写入审计账本）."""


class DumpDamaged(Malformed):
    """The audit dump cannot be read（审计导出文件已损坏）.

    ``line`` is the number of the first damaged line, from 1.
    """

    remedy = (
        "Fetch the dump again; if this line is still damaged, the file was changed after it was written.",
        "请重新获取导出文件；如该行仍损坏，说明文件写出后被改动。",
    )

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}", f"第 {line} 行：{why}", line=line)
        self.line = line
        self.why = why
