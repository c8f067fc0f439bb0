"""The token debugger's address. What is checked stands in the body, never in an address; nothing is recorded or used up."""

from typing import Final

from gateway.identity.debugging import Debugger
from gateway.identity.debugging_wire import TokenCheck, TokenCheckShown, TokenKind
from gateway.identity.model import Role
from gateway.web import Ask, Reply, Route

_EVERYBODY: Final = frozenset(Role)


async def check_token(debugger: Debugger, ask: Ask[TokenCheck]) -> Reply:
    given, method = ask.given, ask.given.method
    match given.kind:
        case TokenKind.ASSERTION:
            found = await debugger.assertion(ask.principal, given.token)
        case TokenKind.PROOF:
            found = await debugger.proof(given.token, method, given.service, given.access_token)
        case TokenKind.ACCESS:
            found = await debugger.access(given.token, given.service, method, given.proof)
    return Reply(TokenCheckShown.of(found))


ROUTES: Final = [
    Route("POST", "/v1/token/check", check_token, _EVERYBODY,
          "Say rule by rule whether an assertion, a DPoP proof or an access token would be accepted",
          "逐条说明断言、DPoP 证明或访问令牌能否被接受", "identity", given=TokenCheck, returns=TokenCheckShown),
]  # fmt: skip
