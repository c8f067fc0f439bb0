"""What can be said against a batch beside what can be said against a call."""

from gateway.errors import Conflict, NotFound, TooMany, Unavailable


class NoSuchBatch(NotFound):
    """There is no such batch of this grant（没有该批量任务）."""

    remedy = (
        "Use the address in Location of the answer that accepted it, with a token of the same grant.",
        "请使用受理应答中 Location 所示地址，并使用同一授权的令牌。",
    )


class BatchNotReady(Conflict):
    """The batch has no result yet（批量任务尚无结果）."""

    remedy = (
        "Read the batch until its state is done; a batch that failed or was cancelled has no result.",
        "请查询任务直至 state 为 done；失败或已取消的任务没有结果。",
    )


class BatchDestroyed(Conflict):
    """The result of the batch was destroyed（批量任务结果已销毁）."""

    status = 410
    remedy = ("Order a new batch if the need remains.", "如仍需要，请重新提交批量任务。")


class TooManyBatches(TooMany):
    """The system has too many batches that are open or kept（未完成或保留中的批量任务过多）."""

    remedy = (
        "Download and delete a finished batch first (DELETE at its address).",
        "请先下载并删除已完成的任务（对其地址执行 DELETE）。",
    )


class BatchStoreFull(Unavailable):
    """The place for results of batches is used up（批量结果存储空间已用完）."""

    remedy = (
        "Try again later; results are destroyed after their time. Operators: [batches] stored_bytes.",
        "请稍后重试；结果到期即销毁。运维人员可调整 [batches] stored_bytes。",
    )


class BatchTooLarge(Conflict):
    """The result of the batch would be too large（批量任务结果过大）."""

    remedy = ("Order several smaller batches.", "请拆分为多个较小的批量任务。")


class BatchOverdue(Unavailable):
    """The batch was not done in its time（批量任务未在时限内完成）."""

    remedy = (
        "Order it again in parts that the daily quota and the rate of the grant can hold.",
        "请按授权的每日配额和频次拆分后重新提交。",
    )
