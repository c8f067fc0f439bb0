"""Who calls: the access token, and the key it is bound to where it is bound."""

from dataclasses import replace
from typing import Final

from gateway.catalog import Description, TokenBinding
from gateway.exchange.reading import Head
from gateway.exchange.recognised import Recognised
from gateway.identity import AccessToken, TokenRefused
from gateway.identity.binding import NOTHING, Presented, check_binding, is_bound, is_bound_to_certificate
from gateway.identity.certificates.model import certificate_thumbprint
from gateway.identity.making import Passes
from gateway.identity.proofs import bound_only
from gateway.settings import Identity as Limits
from gateway.settings import Web
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web.incoming import Incoming
from gateway.web.peer_certificate import peer_certificate

_UNBOUND: Final = (
    "this resource takes only tokens bound to a key: ask for one with a DPoP proof or over mutual TLS",
    "该资源仅接受绑定密钥的令牌：请携带 DPoP 证明或通过双向 TLS 申请令牌",
)


class Callers:
    """Identifies callers.

    Args:
        base_url: the address under which callers reach the data services, as their proofs name it.
        web: whose word on a caller's certificate counts.
    """

    def __init__(
        self,
        database: Database,
        passes: Passes,
        base_url: str,
        limits: Limits,
        web: Web,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._tokens = passes.tokens
        self._proofs = passes.proofs
        self._base_url = base_url
        self._default = TokenBinding(limits.token_binding)
        self._web = web
        self._metrics = metrics
        self._recognised = Recognised(web)
        self._accepted = metrics.tokens.labels("access", "accepted")

    def recognised(self, request: Incoming) -> tuple[Head, AccessToken] | None:
        """Head and token of a call by header lines that were read before; None to read them, and to say what is wrong.

        The head is without the token, which nobody needs any more.

        Raises:
            Malformed: its target is not what the front lets through.
        """
        found = self._recognised.find(request)
        if found is None:
            return None
        head, key = found
        token = self._tokens.recalled_by(key, self._tokens.service_audience(head.service))
        if token is None or is_bound(token.claims):
            return None
        self._accepted.inc()
        return head, token

    def remember(self, request: Incoming, head: Head) -> None:
        """The header lines of a call whose plain token was known."""
        self._recognised.keep(request, head)

    def known(self, head: Head) -> AccessToken | None:
        """The caller's token if it is a plain one that was proved before, and nothing it was proved by has changed.

        None sends the caller through :meth:`identify`, which says what is wrong, if anything is.
        """
        if head.shown.proof is not None:
            return None
        token = self._tokens.recalled(head.shown.token, self._tokens.service_audience(head.service))
        if token is None or is_bound(token.claims):
            return None
        self._accepted.inc()
        return token

    async def identify(self, head: Head, request: Incoming) -> AccessToken:
        """The caller's token, once it and everything it is bound to is proved.

        The connection's certificate is looked at only where the token is bound to one.

        Raises:
            TokenRefused: with the rule broken; CallProofRefused where the proof breaks it.
        """
        try:
            token = await self._tokens.verify(head.shown.token, self._tokens.service_audience(head.service))
            certificate = self._certificate(request) if is_bound_to_certificate(token.claims) else NOTHING
            presented = certificate
            if head.shown.proof is not None:
                presented = await self._presented(head, token, certificate)
            check_binding(token.claims, presented)
        except TokenRefused as fault:
            self._metrics.token_refused("access", str(fault.extra.get("reason", "")))
            raise
        self._accepted.inc()
        return token

    def _certificate(self, request: Incoming) -> Presented:
        found = peer_certificate(request, self._web)
        return NOTHING if found is None else Presented(x5t=certificate_thumbprint(found.der))

    async def _presented(self, head: Head, token: AccessToken, certificate: Presented) -> Presented:
        """What the DPoP proof shows; its jti is used up last, when nothing else can be said against the call."""
        try:
            address = f"{self._base_url}/services/{head.service}{head.below}"
            proof = self._proofs.read(head.shown.proof or "", head.method, address, head.shown.token)
            presented = replace(proof.presented, x5t=certificate.x5t)
            check_binding(token.claims, presented)
            async with self._database.connection() as connection:
                await self._proofs.use(connection, proof)
        except TokenRefused as fault:
            raise self._proofs.of_call(fault) from None
        return presented

    def check_bound(self, description: Description, token: AccessToken) -> None:
        """Refuse a bearer token where the resource takes none.

        Raises:
            TokenRefused: ``unbound``.
        """
        if is_bound(token.claims):
            return
        if (description.token_binding or self._default) is TokenBinding.SENDER_CONSTRAINED:
            self._metrics.token_refusals.labels("access", "unbound").inc()
            raise bound_only(*_UNBOUND)

    def headers(self, head: Head) -> dict[str, str]:
        """What an answer says to callers that use proofs: the nonce of the next one (RFC 9449 section 8.2)."""
        return {} if head.shown.proof is None else {"DPoP-Nonce": self._proofs.nonces.fresh()}
