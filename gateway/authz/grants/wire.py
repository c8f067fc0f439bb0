"""JSON shapes of grants."""

from datetime import datetime
from uuid import UUID

from gateway.authz.grants.model import Grant, GrantState, Side, Terms
from gateway.web import Model, PageQuery


class GrantQuery(PageQuery):
    """A page of grants."""

    state: GrantState | None = None


class GrantShown(Model):
    """A grant; ``token_resource`` is what to name when asking for its token."""

    id: UUID
    application_id: UUID
    consumer_org: str
    provider_org: str
    client: str
    resource_id: UUID
    service: str
    purpose: str
    terms: Terms
    state: GrantState
    because: str | None = None
    held_by: Side | None = None
    version: int
    issued_at: datetime
    token_resource: str
    audit_id: UUID

    @classmethod
    def of(cls, grant: Grant, token_resource: str) -> "GrantShown":
        return cls(
            id=grant.id, application_id=grant.application_id, consumer_org=grant.consumer_org,
            provider_org=grant.provider_org, client=grant.client_id, resource_id=grant.resource_id,
            service=grant.service, purpose=grant.purpose, terms=grant.terms, state=grant.state,
            because=grant.because, held_by=grant.held_by, version=grant.version, issued_at=grant.issued_at,
            token_resource=token_resource, audit_id=grant.cause.event_id,
        )  # fmt: skip
