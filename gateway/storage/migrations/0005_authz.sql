-- Applications and the grants that follow from them.

CREATE SCHEMA authz;

CREATE TABLE authz.application (
    id uuid CONSTRAINT an_application_is_filed_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT an_application_is_for_a_resource REFERENCES catalog.resource,
    resource_version integer NOT NULL,
    consumer_org text COLLATE "C" NOT NULL CONSTRAINT an_application_has_a_consumer REFERENCES identity.org,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT an_application_has_a_provider REFERENCES identity.org,
    client_id text COLLATE "C" NOT NULL CONSTRAINT an_application_names_a_client REFERENCES identity.client,
    sharing_class text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    rule_sets text[] COLLATE "C" NOT NULL,
    form jsonb NOT NULL,
    review jsonb,
    decision jsonb,
    filed_by text COLLATE "C" NOT NULL,
    filed_at timestamptz NOT NULL,
    reviewed_by text COLLATE "C",
    reviewed_at timestamptz,
    decided_by text COLLATE "C",
    decided_at timestamptz,
    provided_at timestamptz,
    closed_at timestamptz,
    version integer NOT NULL,
    form_version integer NOT NULL DEFAULT 1,
    amended_by text[] COLLATE "C" NOT NULL DEFAULT '{}',
    notices jsonb NOT NULL DEFAULT '[]',
    awaits_requester boolean NOT NULL DEFAULT false,
    renews uuid,
    matter text COLLATE "C" GENERATED ALWAYS AS (form ->> 'matter') STORED,
    holder text COLLATE "C" GENERATED ALWAYS AS (
        CASE
            WHEN state NOT IN ('filed', 'accepted') THEN NULL
            WHEN awaits_requester THEN 'requester'
            WHEN state = 'accepted' AND route = 'department' THEN 'provider'
            ELSE 'platform'
        END
    ) STORED,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_route_is_known CHECK (route IN ('direct', 'department')),
    CONSTRAINT an_application_state_is_known CHECK (
        state IN ('filed', 'accepted', 'not_accepted', 'approved', 'provided', 'refused', 'withdrawn')
    ),
    CONSTRAINT a_reviewer_is_not_the_filer CHECK (reviewed_by <> filed_by AND reviewed_by <> ALL (amended_by)),
    CONSTRAINT a_decider_is_not_the_filer CHECK (decided_by <> filed_by AND decided_by <> ALL (amended_by)),
    CONSTRAINT a_closed_application_is_over
        CHECK ((closed_at IS NOT NULL) = (state NOT IN ('filed', 'accepted')))
);
CREATE INDEX applications_of_a_consumer ON authz.application (consumer_org, id DESC);
CREATE INDEX applications_to_a_provider ON authz.application (provider_org, id DESC);
CREATE INDEX applications_of_a_consumer_by_state ON authz.application (consumer_org, state, id DESC);
CREATE INDEX applications_to_a_provider_by_state ON authz.application (provider_org, state, id DESC);
CREATE INDEX open_applications_of_a_consumer ON authz.application (consumer_org, holder, id DESC) WHERE holder IS NOT NULL;
CREATE INDEX open_applications_to_a_provider ON authz.application (provider_org, holder, id DESC) WHERE holder IS NOT NULL;
CREATE INDEX applications_by_state ON authz.application (state, id DESC);
CREATE INDEX applications_for_a_resource ON authz.application (resource_id, id DESC);
CREATE INDEX applications_for_a_resource_of_a_consumer ON authz.application (resource_id, consumer_org, id DESC);
CREATE INDEX applications_for_a_matter ON authz.application (matter, id DESC) WHERE matter IS NOT NULL;
CREATE INDEX applications_by_holder ON authz.application (holder, id DESC) WHERE holder IS NOT NULL;
CREATE UNIQUE INDEX a_grant_has_one_open_renewal ON authz.application (renews)
    WHERE renews IS NOT NULL AND closed_at IS NULL;
CREATE INDEX open_applications ON authz.application (id) WHERE closed_at IS NULL;

CREATE TABLE authz.data_grant (
    id uuid CONSTRAINT a_grant_is_issued_once PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT a_grant_follows_an_application REFERENCES authz.application,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    client_id text COLLATE "C" NOT NULL CONSTRAINT a_grant_names_a_client REFERENCES identity.client,
    resource_id uuid NOT NULL CONSTRAINT a_grant_is_for_a_resource REFERENCES catalog.resource,
    service text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    terms jsonb NOT NULL,
    daily_quota integer NOT NULL,
    per_minute integer,
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    state text COLLATE "C" NOT NULL,
    because text,
    held_by text COLLATE "C",
    over_at timestamptz,
    version integer NOT NULL,
    issued_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT one_grant_per_application UNIQUE (application_id),
    CONSTRAINT a_grant_state_is_known CHECK (state IN ('active', 'suspended', 'revoked', 'ended')),
    CONSTRAINT a_suspended_grant_is_held CHECK ((state = 'suspended') = (held_by IS NOT NULL)),
    CONSTRAINT a_grant_that_is_over_has_its_time CHECK ((state IN ('revoked', 'ended')) = (over_at IS NOT NULL)),
    CONSTRAINT a_quota_is_positive CHECK (daily_quota > 0),
    CONSTRAINT a_rate_is_positive CHECK (per_minute > 0),
    CONSTRAINT a_period_is_not_empty CHECK (valid_from <= valid_until)
);
CREATE INDEX grants_of_a_client ON authz.data_grant (client_id, service);
CREATE INDEX grants_of_a_consumer ON authz.data_grant (consumer_org, id DESC);
CREATE INDEX grants_of_a_provider ON authz.data_grant (provider_org, id DESC);

-- A grant under which a call may be made at this moment, but for its period and quota.
CREATE VIEW authz.callable_grant AS
SELECT g.id, g.version, r.version AS resource_version, g.daily_quota, g.per_minute, g.valid_from, g.valid_until
FROM authz.data_grant g
JOIN identity.live_client c ON c.id = g.client_id
JOIN catalog.live_resource r ON r.id = g.resource_id
WHERE g.state = 'active';
