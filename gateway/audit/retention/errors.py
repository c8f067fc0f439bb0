"""Why a disposal or a hold does not go on."""

from gateway.errors import Conflict, Forbidden, NotFound


class MustBeKept(Conflict):
    """The records must still be kept（记录仍在法定保存期内）."""

    remedy = (
        "Wait until the day named; the law sets the least, the settings may only lengthen it.",
        "请待所示日期之后再办理；法定期限为下限，配置只能延长。",
    )


class UnderHold(Conflict):
    """A hold keeps these records（记录处于保全状态）."""

    remedy = (
        "Have another person lift the hold when its reason is over.",
        "保全事由消除后，由另一人解除保全。",
    )


class NotTheOldestMonth(Conflict):
    """An older month is still there（须先处置更早月份）."""

    remedy = (
        "Dispose of the months in order, the oldest first.",
        "请按时间顺序，从最早月份开始处置。",
    )


class MonthOpen(Conflict):
    """The month is not closed in the tree yet（该月份在哈希树中尚未封闭）."""

    remedy = (
        "Wait: some 256 later records close it, and they come by themselves.",
        "请稍候：其后约 256 条记录产生后自动封闭。",
    )


class NoSuchMonth(NotFound):
    """The ledger has no such month（账本没有该月份）."""


class NoSuchDisposal(NotFound):
    """There is no such disposal（没有该处置）."""


class NoSuchHold(NotFound):
    """There is no such hold（没有该保全）."""


class DisposalDecided(Conflict):
    """The disposal does not wait for this any more（处置已不在该环节）."""


class DisposalUnderWay(Conflict):
    """There is a disposal of this month already（该月份已有处置）."""


class HoldOver(Conflict):
    """The hold was lifted already（保全已解除）."""


class SecondPersonNeeded(Forbidden):
    """Another person must do this（须由另一人办理）."""

    remedy = (
        "Ask a second administrator: nobody decides alone that records go.",
        "请由第二名管理员办理：记录的处置不得由一人决定。",
    )


class NoArchivePlace(Conflict):
    """No place for archives is set（未设置归档目录）."""

    remedy = (
        "Name a directory in [audit] archive_dir, on storage of its own, and restart.",
        "请在 [audit] archive_dir 中指定目录（宜用独立存储）并重启。",
    )
