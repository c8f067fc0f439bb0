"""What lies beside the calls on their listener: requests about a grant, with a call's token, that ask no provider.

The quota that is left, and batches. They are rare, so each reads the grant as it is in the database now.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

from gateway.authz.grants.denials import NoGrant
from gateway.errors import GatewayError
from gateway.exchange.callers import Callers
from gateway.exchange.evidence import Evidence
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.reading import Head
from gateway.exchange.refusing import Endings
from gateway.identity import AccessToken, TokenRefused
from gateway.names import GrantId
from gateway.settings import Web
from gateway.telemetry import Metrics, get_logger
from gateway.web.api import credentials
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing
from gateway.web.problems import InternalFault

Handler: TypeAlias = Callable[[Incoming], Awaitable[Outgoing]]
Serve: TypeAlias = Callable[[Incoming, Evidence], Awaitable[Outgoing]]

_BEYOND: Final = len("/services/")
_log = get_logger()


def front(calls: Handler, beside: Callable[[str], Handler | None]) -> Handler:
    """All on one listener; a call costs one search in its address.

    Args:
        beside: who answers an address that has something below a service's, if anybody.
    """

    def answer(request: Incoming) -> Awaitable[Outgoing]:
        path = request.raw_path
        if path.find("/", _BEYOND) < 0:
            return calls(request)
        return (beside(path.partition("?")[0]) or calls)(request)

    return answer


class Counter:
    """Where such requests come in: who asks, about which grant, and how it ends."""

    def __init__(
        self, callers: Callers, plans: Plans, endings: Endings, limits: Web, metrics: Metrics
    ) -> None:
        self.limits = limits
        self._callers = callers
        self._plans = plans
        self._endings = endings
        self._metrics = metrics

    async def answer(self, request: Incoming, serve: Serve) -> Outgoing:
        """The answer of ``serve``, or its refusal on record; never raises but for cancellation."""
        seen = Evidence.begin(request.remote)
        try:
            response = await serve(request, seen)
        except GatewayError as error:
            response = await self._endings.end(error, seen)
        except Exception:
            _log.exception("request.broke", request_id=seen.request_id)
            fault = InternalFault("the request failed inside the gateway", "请求在网关内部失败")
            response = await self._endings.end(fault, seen)
        self._metrics.requests.labels("exchange", f"{response.status // 100}xx").inc()
        return response

    async def identified(
        self, request: Incoming, seen: Evidence, fields: dict[bytes, bytes], service: str, below: str
    ) -> tuple[AccessToken, Plan]:
        """Who asks, and the plan of the grant of its token.

        Args:
            fields: the headers.
            below: what follows the service in the path.

        Raises:
            Unauthenticated: (or a subclass) the caller is not who it says. NoGrant: the grant is not its own.
        """
        said = (fields.get(name, b"").decode("ascii") for name in (b"authorization", b"dpop"))
        seen.head = Head(service, credentials(*said), request.method, None, below=below)
        token = seen.token = await self._callers.identify(seen.head, request)
        plan = seen.plan = await self._plan(token, service)
        self._callers.check_bound(plan.resource.description, token)
        return token, plan

    async def _plan(self, token: AccessToken, service: str) -> Plan:
        try:
            grant = GrantId(UUID(str(token.claims.get("grant_id"))))
        except ValueError:
            raise TokenRefused("the token names no grant", "令牌未列授权", reason="claims") from None
        plan = await self._plans.load(grant)
        if plan is None or plan.grant.client_id != token.subject or plan.grant.service != service:
            raise NoGrant("the grant of this token does not exist", "令牌所列授权不存在")
        return plan

    def always(self, seen: Evidence) -> dict[str, str]:
        """What every answer says, also to callers that use proofs."""
        assert seen.head is not None
        return {
            "Request-Id": seen.request_id,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **self._callers.headers(seen.head),
        }
