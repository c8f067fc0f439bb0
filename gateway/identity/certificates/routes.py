"""Addresses of systems' certificates."""

from functools import partial
from typing import Final

from gateway.identity.certificates.service import ClientCertificates, NoSuchCertificate
from gateway.identity.certificates.store import CertificateKnown
from gateway.identity.certificates.wire import CertificateShown, CertificatesShown, NewCertificate
from gateway.identity.model import Role
from gateway.identity.service import Identity, NoSuchClient
from gateway.identity.store import KeyKnown
from gateway.names import ClientId
from gateway.web import SIGNED_IN, Ask, Reply, Route

_SECURITY: Final = frozenset({Role.SECURITY_ADMIN})


class CertificateDesk:
    """Certificates of clients the caller may see."""

    def __init__(self, identity: Identity, certificates: ClientCertificates) -> None:
        self.identity = identity
        self.certificates = certificates


async def add_client_certificate(desk: CertificateDesk, ask: Ask[NewCertificate]) -> Reply:
    client = (await desk.identity.client(ask.principal, ClientId(ask.path["client"]))).id
    return Reply(
        CertificateShown.of(await desk.certificates.add(ask.principal, client, ask.given.chain, ask.once))
    )


async def list_client_certificates(desk: CertificateDesk, ask: Ask[None]) -> Reply:
    client = (await desk.identity.client(ask.principal, ClientId(ask.path["client"]))).id
    items = [CertificateShown.of(each) for each in await desk.certificates.of_client(client)]
    return Reply(CertificatesShown(items=items))


async def revoke_client_certificate(desk: CertificateDesk, ask: Ask[None]) -> Reply:
    client = (await desk.identity.client(ask.principal, ClientId(ask.path["client"]))).id
    struck = await desk.certificates.revoke(ask.principal, client, ask.path["certificate"])
    return Reply(CertificateShown.of(struck))


_route = partial(Route, tag="identity")
ROUTES: Final = [
    _route("POST", "/v1/clients/{client}/certificates", add_client_certificate, _SECURITY,
           "Register a certificate of an application system", "登记应用系统证书",
           given=NewCertificate, returns=CertificateShown, status=201, creates=True,
           problems=(NoSuchClient, CertificateKnown, KeyKnown)),
    _route("GET", "/v1/clients/{client}/certificates", list_client_certificates, SIGNED_IN,
           "List an application system's certificates", "应用系统证书列表",
           returns=CertificatesShown, problems=(NoSuchClient,)),
    _route("DELETE", "/v1/clients/{client}/certificates/{certificate}", revoke_client_certificate, _SECURITY,
           "Strike a certificate off", "注销应用系统证书",
           returns=CertificateShown, problems=(NoSuchClient, NoSuchCertificate)),
]  # fmt: skip
