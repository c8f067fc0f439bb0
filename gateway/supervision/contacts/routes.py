"""Addresses of contacts."""

from functools import partial
from typing import Final

from gateway.identity import Role
from gateway.identity.service import NoSuchOrg
from gateway.names import OrgCode
from gateway.supervision.contacts.service import Contacts, NoSuchDesk
from gateway.supervision.contacts.wire import ContactList, ContactShown, NewContact
from gateway.supervision.ladder import Desk
from gateway.web import SIGNED_IN, Ask, Reply, Route


async def list_contacts(contacts: Contacts, ask: Ask[None]) -> Reply:
    found = await contacts.listed(ask.principal, OrgCode(ask.path["org"]))
    return Reply(ContactList(items=[ContactShown.of(one) for one in found]))


async def set_contact(contacts: Contacts, ask: Ask[NewContact]) -> Reply:
    given, desk = ask.given, _desk(ask.path["desk"])
    made = await contacts.set(
        ask.principal, OrgCode(ask.path["org"]), desk, given.name, given.email, given.webhook
    )
    return Reply(ContactShown.of(made))


def _desk(text: str) -> Desk:
    if text not in list(Desk):
        raise NoSuchDesk(f"there is no desk {text[:40]}", "没有该岗位")
    return Desk(text)


_route = partial(Route, tag="supervision")
_ORG: Final = "/v1/orgs/{org}/contacts"

ROUTES: Final = [
    _route("GET", _ORG, list_contacts, SIGNED_IN, "Handler, deputy and head of a department", "部门联系人",
           returns=ContactList, problems=(NoSuchOrg,)),
    _route("PUT", f"{_ORG}/{{desk}}", set_contact, frozenset({Role.PLATFORM_ADMIN}), "Put somebody at a desk",
           "登记部门联系人", given=NewContact, returns=ContactShown, problems=(NoSuchOrg, NoSuchDesk)),
]  # fmt: skip
