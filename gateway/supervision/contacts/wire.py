"""JSON shapes of contacts."""

import re
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.supervision.contacts.model import Contact
from gateway.supervision.ladder import Desk
from gateway.web import Line, Model

_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_VISIBLE: Final = re.compile(r"[!-~]+")


def _mail(text: str) -> str:
    if not _MAIL.fullmatch(text):
        raise PydanticCustomError("email", "must be an e-mail address")
    return text


def _webhook(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or parts.username is not None or parts.fragment or not _VISIBLE.fullmatch(text):
        raise PydanticCustomError("webhook", "must be an http(s) address without user, fragment or blanks")
    return text


class NewContact(Model):
    """Who sits at a desk from now on; without either address notices to it cannot be delivered."""

    name: Line
    email: Annotated[str, StringConstraints(min_length=6, max_length=254), AfterValidator(_mail)] | None = (
        None
    )
    webhook: (
        Annotated[str, StringConstraints(min_length=10, max_length=500), AfterValidator(_webhook)] | None
    ) = None


class ContactShown(Model):
    """Somebody at a desk."""

    org: str
    desk: Desk
    name: str
    email: str | None = None
    webhook: str | None = None
    set_at: datetime

    @classmethod
    def of(cls, one: Contact) -> "ContactShown":
        return cls(
            org=one.org, desk=one.desk, name=one.name, email=one.email, webhook=one.webhook, set_at=one.set_at
        )


class ContactList(Model):
    """The desks of a department that are taken."""

    items: list[ContactShown]
