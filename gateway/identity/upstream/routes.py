"""Addresses of sign-in through providers."""

from functools import partial
from typing import Final

from gateway.identity.directory.attempts import SignInHeld
from gateway.identity.directory.service import SecondFactorNotSet, SignInRefused
from gateway.identity.model import Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.wire import SessionBegun
from gateway.identity.upstream.conversation import CodeRefused, ProviderSilent
from gateway.identity.upstream.service import (
    AccountNotLinked,
    Answer,
    NoSuchAccount,
    NoSuchProvider,
    OwnAccount,
    PersonNotActive,
    ProviderAnswerRefused,
    SecondFactorAsked,
    Upstream,
)
from gateway.identity.upstream.store import AccountTaken
from gateway.identity.upstream.tickets import TicketRefused
from gateway.identity.upstream.wire import (
    AccountList,
    AccountShown,
    BeginSignIn,
    FinishSignIn,
    GiveFactor,
    NewAccount,
    ProviderList,
    ProviderShown,
    SignInBegun,
)
from gateway.names import Login
from gateway.web import ANYONE, Ask, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


async def list_providers(upstream: Upstream, ask: Ask[None]) -> Reply:
    return Reply(ProviderList(providers=[ProviderShown.of(one) for one in upstream.providers()]))


async def begin_sign_in(upstream: Upstream, ask: Ask[BeginSignIn]) -> Reply:
    return Reply(SignInBegun.of(await upstream.begin(ask.given.provider)))


async def finish_sign_in(upstream: Upstream, ask: Ask[FinishSignIn]) -> Reply:
    given = ask.given
    answer = Answer(given.provider, given.ticket, given.code, given.state, given.iss)
    return Reply(SessionBegun.of(await upstream.finish(answer, ask.principal.address)))


async def give_second_factor(upstream: Upstream, ask: Ask[GiveFactor]) -> Reply:
    given = ask.given
    begun = await upstream.finish_with_factor(given.ticket, given.second_factor, ask.principal.address)
    return Reply(SessionBegun.of(begun))


async def list_accounts(upstream: Upstream, ask: Ask[None]) -> Reply:
    found = await upstream.accounts(Login(ask.path["login"]))
    return Reply(AccountList(accounts=[AccountShown.of(one) for one in found]))


async def link_account(upstream: Upstream, ask: Ask[NewAccount]) -> Reply:
    given, login = ask.given, Login(ask.path["login"])
    return Reply(AccountShown.of(await upstream.link(ask.principal, login, given.provider, given.subject)))


async def unlink_account(upstream: Upstream, ask: Ask[None]) -> Reply:
    login = Login(ask.path["login"])
    return Reply(AccountShown.of(await upstream.unlink(ask.principal, login, ask.uuid("account"))))


_route = partial(Route, tag="sign-in")
ROUTES: Final = [
    _route("GET", "/v1/sign-in/providers", list_providers, ANYONE, "List identity providers", "身份认证平台列表",
           returns=ProviderList),
    _route("POST", "/v1/sign-in/begin", begin_sign_in, ANYONE, "Begin a sign-in through a provider", "发起平台登录",
           given=BeginSignIn, returns=SignInBegun, problems=(NoSuchProvider, ProviderSilent)),
    _route("POST", "/v1/sign-in/finish", finish_sign_in, ANYONE, "Finish a sign-in through a provider", "完成平台登录",
           given=FinishSignIn, returns=SessionBegun, status=201,
           problems=(TicketRefused, ProviderAnswerRefused, CodeRefused, ProviderSilent, NoSuchProvider, AccountNotLinked,
                     PersonNotActive, SecondFactorAsked, SecondFactorNotSet)),
    _route("POST", "/v1/sign-in/second-factor", give_second_factor, ANYONE, "Give the second factor after a provider",
           "补充动态口令", given=GiveFactor, returns=SessionBegun, status=201,
           problems=(TicketRefused, SignInRefused, SignInHeld, PersonNotActive)),
    _route("GET", "/v1/people/{login}/accounts", list_accounts, _SECURITY, "List a person's linked accounts",
           "人员关联账号列表", returns=AccountList, problems=(NoSuchPerson,)),
    _route("POST", "/v1/people/{login}/accounts", link_account, _SECURITY, "Link a provider's account to a person",
           "关联平台账号", given=NewAccount, returns=AccountShown, status=201, problems=(NoSuchPerson, AccountTaken, OwnAccount)),
    _route("DELETE", "/v1/people/{login}/accounts/{account}", unlink_account, _SECURITY, "End the link of an account",
           "解除账号关联", returns=AccountShown, problems=(NoSuchPerson, NoSuchAccount, OwnAccount)),
]  # fmt: skip
