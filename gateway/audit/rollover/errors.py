"""What can keep a log from being taken over."""

from gateway.errors import BadSettings, Conflict, Forbidden


class LogInUse(Conflict):
    """A gateway orders records of this log（仍有网关进程在整理该日志）."""

    remedy = (
        "Stop every gateway on this database first; a log is rolled over while nothing runs.",
        "请先停止使用该数据库的全部网关进程，再行换代。",
    )


class NothingLost(Conflict):
    """Nothing shows that the log lost anything（没有迹象表明日志有缺失）."""

    remedy = (
        "Start the gateway as usual. If a witness or a department holds a later checkpoint, name its file with --checkpoint.",
        "请照常启动网关。如见证方或部门持有更晚的检查点，请用 --checkpoint 指明该文件。",
    )


class RecordsDamaged(BadSettings):
    """The records that are left do not hold by themselves（现存审计记录自身不一致）."""

    remedy = (
        "Restore another backup; ./gw audit verify names the first record that does not fit. Damaged records are not taken over.",
        "请改用其他备份恢复；./gw audit verify 可指出首条不一致的记录。已损坏的记录不得续用。",
    )


class NotASignatory(Forbidden):
    """This person may not sign for a new log（该人员无权签署日志换代）."""

    remedy = (
        "A security administrator and an auditor sign together, each for oneself.",
        "须由安全管理员、审计管理员各自签署。",
    )
