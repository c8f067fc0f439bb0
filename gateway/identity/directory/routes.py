"""Addresses of the built-in directory."""

from functools import partial
from typing import Final

from gateway.identity.directory.attempts import SignInHeld
from gateway.identity.directory.hashing import SignInBusy
from gateway.identity.directory.invitations import (
    CannotInviteDisabled,
    InvitationRefused,
    Invitations,
    OwnInvitation,
)
from gateway.identity.directory.service import (
    Directory,
    NoPasswordSet,
    SecondFactorNotSet,
    SignInRefused,
    WrongPassword,
)
from gateway.identity.directory.wire import (
    AcceptInvitation,
    CredentialsSet,
    InvitationShown,
    NewInvitation,
    NewPassword,
    OfferShown,
    OpenInvitation,
    SignIn,
)
from gateway.identity.model import Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.wire import SessionBegun
from gateway.names import Login
from gateway.web import ANYONE, SIGNED_IN, Ask, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


async def sign_in(directory: Directory, ask: Ask[SignIn]) -> Reply:
    given = ask.given
    begun, device = await directory.sign_in(
        given.login, given.password, given.second_factor, given.device, ask.principal.address
    )
    return Reply(SessionBegun.of(begun, device))


async def invite_person(invitations: Invitations, ask: Ask[NewInvitation]) -> Reply:
    login, renew = Login(ask.path["login"]), ask.given.renew_second_factor
    return Reply(InvitationShown.of(await invitations.issue(ask.principal, login, renew_factor=renew)))


async def open_invitation(invitations: Invitations, ask: Ask[OpenInvitation]) -> Reply:
    given = ask.given
    return Reply(OfferShown.of(await invitations.open(given.login, given.code, ask.principal.address)))


async def accept_invitation(invitations: Invitations, ask: Ask[AcceptInvitation]) -> Reply:
    given = ask.given
    person = await invitations.accept(
        given.login, given.code, given.password, given.second_factor, ask.principal.address
    )
    return Reply(CredentialsSet(login=person.login, name=person.name))


async def change_password(directory: Directory, ask: Ask[NewPassword]) -> Reply:
    person = await directory.change_password(ask.principal, ask.given.current, ask.given.password)
    return Reply(CredentialsSet(login=person.login, name=person.name))


_route = partial(Route, tag="sign-in")
INVITATION_ROUTES: Final = [
    _route("POST", "/v1/people/{login}/invitation", invite_person, _SECURITY, "Issue a one-time code to a person",
           "签发邀请码", given=NewInvitation, returns=InvitationShown, status=201,
           problems=(NoSuchPerson, OwnInvitation, CannotInviteDisabled)),
    _route("POST", "/v1/invitations/open", open_invitation, ANYONE, "What a one-time code asks for", "查看邀请码",
           given=OpenInvitation, returns=OfferShown, problems=(InvitationRefused, SignInHeld)),
    _route("POST", "/v1/invitations/accept", accept_invitation, ANYONE, "Set password and second factor by a one-time code",
           "凭邀请码设置密码和动态口令", given=AcceptInvitation, returns=CredentialsSet,
           problems=(InvitationRefused, SignInHeld, SignInBusy)),
]  # fmt: skip
ROUTES: Final = [
    _route("POST", "/v1/sign-in", sign_in, ANYONE, "Sign in with a password", "密码登录", given=SignIn, returns=SessionBegun,
           status=201, problems=(SignInRefused, SecondFactorNotSet, SignInHeld, SignInBusy)),
    _route("POST", "/v1/password", change_password, SIGNED_IN, "Change the own password", "修改本人密码", given=NewPassword,
           returns=CredentialsSet, problems=(WrongPassword, NoPasswordSet, SignInHeld, SignInBusy)),
]  # fmt: skip
