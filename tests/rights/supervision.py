"""Right requests of supervision; breaches and orders come with time, so theirs name none that is there."""

from typing import Final

from world import CONSUMER

from rights import Right, at

NONE: Final = "01a1fd8c-9b7d-7425-883d-959a9e27c23e"
_CONTACT: Final = {
    "name": "王某",
    "email": "wang@zrzy.example.gov.cn",
    "webhook": "http://127.0.0.1:9/notices",
}

CASES: Final[dict[str, Right]] = {
    "list_supervised_cases": Right("requester", at("/v1/supervision/cases")),
    "hand_case_over": Right(
        "platform-admin", at("/v1/supervision/cases/application/{filed}/hand-over"),
        (lambda _: {"desk": "deputy", "reason": "经办人出差"},),
    ),
    "list_breaches": Right("requester", at("/v1/breaches")),
    "show_breach": Right("platform-admin", at(f"/v1/breaches/{NONE}")),
    "explain_breach": Right(
        "platform-admin", at(f"/v1/breaches/{NONE}/explain"), (lambda _: {"reason": "系统升级"},)
    ),
    "list_orders": Right("requester", at("/v1/supervision/orders")),
    "show_order": Right("platform-admin", at(f"/v1/supervision/orders/{NONE}")),
    "answer_order": Right(
        "platform-admin", at(f"/v1/supervision/orders/{NONE}/answer"), (lambda _: {"answer": "已办结"},)
    ),
    "close_order": Right(
        "platform-admin", at(f"/v1/supervision/orders/{NONE}/close"), (lambda _: {"outcome": "已补办"},)
    ),
    "list_notifications": Right("requester", at("/v1/notifications")),
    "retry_notification": Right("platform-admin", at(f"/v1/notifications/{NONE}/retry")),
    "list_contacts": Right("requester", at(f"/v1/orgs/{CONSUMER}/contacts")),
    "set_contact": Right("platform-admin", at(f"/v1/orgs/{CONSUMER}/contacts/handler"), (lambda _: _CONTACT,)),
}  # fmt: skip
