"""Certificates of systems and the revocation information they are judged by."""

import itertools
from datetime import timedelta

from authorities import now, recognised
from certifying import pem
from world import File

from gateway.seals.authority import Issued
from rights import Right, Stage, at

_NUMBERS = itertools.count(1000)


def crl(*revoked: Issued) -> bytes:
    """A list of the recognised authority, newer than any before."""
    number = next(_NUMBERS)
    return recognised().crl(*((each, now()) for each in revoked), number=number, now=now())


def issued(**changes: object) -> Issued:
    """A certificate nobody has seen yet, with a subject of its own."""
    spans = {"start": now() - timedelta(days=1), "end": now() + timedelta(days=300)}
    return recognised().issue(f"系统 {next(_NUMBERS)}", **{**spans, **changes})


def _list(_: Stage) -> File:
    return File(crl(), "application/pkix-crl")


CASES = {
    "list_authorities": Right("security-admin", at("/v1/authorities")),
    "bring_revocation_evidence": Right("security-admin", at("/v1/revocation-evidence"), (_list,)),
    "list_revocation_evidence": Right("auditor", at("/v1/revocation-evidence")),
    "show_revocation_evidence": Right("auditor", at("/v1/revocation-evidence/{evidence}")),
    "download_revocation_evidence": Right("auditor", at("/v1/revocation-evidence/{evidence}/content")),
    "add_client_certificate": Right(
        "security-admin",
        at("/v1/clients/registration/certificates"),
        (lambda _: {"chain": pem(issued()).decode()},),
    ),
    "list_client_certificates": Right("requester", at("/v1/clients/registration/certificates")),
    "revoke_client_certificate": Right(
        "security-admin", at("/v1/clients/registration/certificates/{certificate}")
    ),
}


async def prepare(stage: Stage) -> None:
    """A list, and a certificate of the first department's system."""
    brought = await stage.world.as_("security-admin", "POST", "/v1/revocation-evidence", _list(stage))
    stage.ids["evidence"] = brought.ok()["sha256"]
    body = {"chain": pem(issued()).decode()}
    path = "/v1/clients/registration/certificates"
    stage.ids["certificate"] = (await stage.world.as_("security-admin", "POST", path, body)).ok()["id"]
