"""JSON shapes of the built-in directory."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from gateway.identity.directory.invitations import Issued, Offer
from gateway.web import Model, Slug

Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""As typed; what may be set is a rule of the directory."""

Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
"""The six digits an authenticator shows (RFC 6238)."""

Code = Annotated[str, StringConstraints(min_length=20, max_length=40, pattern=r"^[A-Za-z0-9 -]+$")]
"""A one-time code: 20 letters and digits, hyphens and blanks as one likes."""

Device = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]
"""The mark a machine got at an earlier sign-in."""


class NewInvitation(Model):
    """Whether the person gets a new second factor without proving the old one."""

    renew_second_factor: bool = False


class InvitationShown(Model):
    """A one-time code, shown this once: pass it to the person by another way than the login."""

    login: str
    code: str
    expires_at: datetime

    @classmethod
    def of(cls, issued: Issued) -> "InvitationShown":
        return cls(login=issued.login, code=issued.code, expires_at=issued.expires_at)


class OpenInvitation(Model):
    """Login and one-time code."""

    login: Slug
    code: Code


class OfferShown(Model):
    """What the code asks for.

    ``second_factor``: ``set`` – enter ``otpauth`` (or ``secret``) into an authenticator and send the digits it shows;
    ``optional`` – the same, if wanted; ``keep`` – send the digits of the authenticator used until now.
    """

    login: str
    name: str
    second_factor: str
    otpauth: str | None = None
    secret: str | None = None
    expires_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> "OfferShown":
        invitation = offer.invitation
        person, keep = invitation.person, invitation.keeps_factor
        word = "keep" if keep else "set" if invitation.asks_for_factor else "optional"
        return cls(
            login=person.login, name=person.name, second_factor=word, otpauth=None if keep else offer.address,
            secret=None if keep else offer.secret, expires_at=invitation.expires_at,
        )  # fmt: skip


class AcceptInvitation(Model):
    """The password to be set, and the authenticator's six digits where they are asked for."""

    login: Slug
    code: Code
    password: Password
    second_factor: Digits | None = None


class CredentialsSet(Model):
    """The person may sign in now."""

    login: str
    name: str


class SignIn(Model):
    """Login, password, and the six digits where a second factor is set; ``device`` as got at an earlier sign-in."""

    login: Slug
    password: Password
    second_factor: Digits | None = None
    device: Device | None = None


class NewPassword(Model):
    """The present password and the one to come."""

    current: Password
    password: Password
