"""Addresses of sessions. Cookies play no part: a bearer token cannot be sent by somebody else's page (no CSRF)."""

from functools import partial
from typing import Final

from gateway.identity.model import Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.model import session_of
from gateway.identity.sessions.service import NoSession, NoSuchSession, Sessions
from gateway.identity.sessions.wire import Myself, SessionList, SessionsEnded, SessionShown
from gateway.names import Login
from gateway.web import SIGNED_IN, Ask, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


async def show_me(sessions: Sessions, ask: Ask[None]) -> Reply:
    return Reply(Myself.of(await sessions.myself(ask.principal), session_of(ask.principal)))


async def list_my_sessions(sessions: Sessions, ask: Ask[None]) -> Reply:
    current = session_of(ask.principal)
    shown = [SessionShown.of(one, current) for one in await sessions.mine(ask.principal)]
    return Reply(SessionList(sessions=shown))


async def sign_out(sessions: Sessions, ask: Ask[None]) -> Reply:
    return Reply(SessionShown.of(await sessions.sign_out(ask.principal), session_of(ask.principal)))


async def end_my_session(sessions: Sessions, ask: Ask[None]) -> Reply:
    ended = await sessions.end_mine(ask.principal, ask.uuid("session"))
    return Reply(SessionShown.of(ended, session_of(ask.principal)))


async def list_sessions_of_person(sessions: Sessions, ask: Ask[None]) -> Reply:
    found = await sessions.of_person(Login(ask.path["login"]))
    return Reply(SessionList(sessions=[SessionShown.of(one, session_of(ask.principal)) for one in found]))


async def end_sessions_of_person(sessions: Sessions, ask: Ask[None]) -> Reply:
    return Reply(SessionsEnded(ended=await sessions.end_all(ask.principal, Login(ask.path["login"]))))


_route = partial(Route, tag="sign-in")
ROUTES: Final = [
    _route("GET", "/v1/me", show_me, SIGNED_IN, "Who I am", "当前人员", returns=Myself),
    _route("GET", "/v1/sessions", list_my_sessions, SIGNED_IN, "List the own sessions", "本人会话列表", returns=SessionList),
    _route("POST", "/v1/sign-out", sign_out, SIGNED_IN, "Sign out", "退出登录", returns=SessionShown, problems=(NoSession,)),
    _route("POST", "/v1/sessions/{session}/end", end_my_session, SIGNED_IN, "End one of the own sessions", "终止本人会话",
           returns=SessionShown, problems=(NoSuchSession,)),
    _route("GET", "/v1/people/{login}/sessions", list_sessions_of_person, _SECURITY, "List a person's sessions",
           "查看人员会话", returns=SessionList, problems=(NoSuchPerson,)),
    _route("POST", "/v1/people/{login}/sessions/end", end_sessions_of_person, _SECURITY, "End all sessions of a person",
           "终止人员全部会话", returns=SessionsEnded, problems=(NoSuchPerson,)),
]  # fmt: skip
