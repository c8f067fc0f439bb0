"""JSON shapes of sign-in through providers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from gateway.identity.directory.wire import Digits
from gateway.identity.upstream.model import Account
from gateway.identity.upstream.service import Invitation
from gateway.settings import Provider
from gateway.web import Model, Slug

Ticket = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[A-Za-z0-9_-]+$")]
"""A sealed ticket, as it was given."""

Visible = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[!-~]+$")]
"""A parameter of the provider's answer: visible ASCII without blanks."""

Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
"""A provider's own name of a person (OpenID Connect Core 1.0 section 2, ``sub``)."""


class ProviderShown(Model):
    """A provider people can sign in through; ``redirect_uri`` is where its answer arrives."""

    name: str
    title: str
    issuer: str
    redirect_uri: str

    @classmethod
    def of(cls, provider: Provider) -> "ProviderShown":
        return cls(
            name=provider.name,
            title=provider.title,
            issuer=provider.issuer,
            redirect_uri=provider.redirect_uri,
        )


class ProviderList(Model):
    """The providers of this gateway; empty where there is the built-in directory only."""

    providers: list[ProviderShown]


class BeginSignIn(Model):
    """The name of the provider."""

    provider: Slug


class SignInBegun(Model):
    """Open ``authorize_url`` in a browser and keep ``ticket`` where the page of ``redirect_uri`` finds it.

    ``sign_out_url`` ends the provider's own session, where it has an address for that.
    """

    authorize_url: str
    ticket: str
    expires_at: datetime
    sign_out_url: str | None = None

    @classmethod
    def of(cls, begun: Invitation) -> "SignInBegun":
        return cls(
            authorize_url=begun.authorize_url, ticket=begun.ticket, expires_at=begun.expires_at,
            sign_out_url=begun.sign_out_url,
        )  # fmt: skip


class FinishSignIn(Model):
    """The ticket, the provider at whose ``redirect_uri`` the answer arrived, and what stood in its address."""

    provider: Slug
    ticket: Ticket
    code: Visible
    state: Visible
    iss: Visible | None = None


class GiveFactor(Model):
    """The ticket of the first step and the authenticator's six digits."""

    ticket: Ticket
    second_factor: Digits


class NewAccount(Model):
    """A provider's subject, as the refused sign-in named it."""

    provider: Slug
    subject: Subject


class AccountShown(Model):
    """A linked account."""

    id: UUID
    login: str
    issuer: str
    subject: str
    linked_by: str
    linked_at: datetime

    @classmethod
    def of(cls, account: Account) -> "AccountShown":
        return cls(
            id=account.id, login=account.login, issuer=account.issuer, subject=account.subject,
            linked_by=account.linked_by, linked_at=account.linked_at,
        )  # fmt: skip


class AccountList(Model):
    """A person's linked accounts, oldest first."""

    accounts: list[AccountShown]
