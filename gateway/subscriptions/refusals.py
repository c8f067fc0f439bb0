"""What can be said against subscriptions and messages."""

from gateway.errors import Conflict, NotFound


class NoSuchSubscription(NotFound):
    """There is no such subscription（没有该订阅）."""


class NoSuchMessage(NotFound):
    """There is no such message to your department（没有发给本部门的该消息）."""


class SubscriptionEnded(Conflict):
    """The subscription has ended（订阅已终止）."""


class SubscriptionNotPossible(Conflict):
    """Changes cannot be pushed under this grant（该授权不支持变更推送）."""

    remedy = (
        "Call the service instead, or apply for a grant without the rule named in the detail.",
        "请改用调用方式，或申请不含所述管控要求的授权。",
    )


class MessageNotDelivered(Conflict):
    """The message was not delivered yet（消息尚未送达）."""

    remedy = (
        "Look at last_error: the department's system must take it first.",
        "请查看 last_error：须先由本部门系统接收。",
    )


class MessageClaimed(Conflict):
    """The message is claimed already（消息已被认领）."""


class MessageNotClaimed(Conflict):
    """The message is not claimed yet（消息尚未认领）."""

    remedy = ("Claim it first.", "请先认领。")


class MessageAnswered(Conflict):
    """The message is answered; its content is gone（消息已反馈，内容已销毁）."""
