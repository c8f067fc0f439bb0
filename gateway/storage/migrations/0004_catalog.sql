-- The catalogue: one row per resource; its description as one document, what is searched and joined as columns.

CREATE SCHEMA catalog;

CREATE TABLE catalog.resource (
    id uuid CONSTRAINT a_resource_is_drafted_once PRIMARY KEY,
    code text COLLATE "C" NOT NULL CONSTRAINT a_resource_code_is_unique UNIQUE,
    service text COLLATE "C" NOT NULL CONSTRAINT a_service_name_is_unique UNIQUE,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT a_resource_has_a_provider REFERENCES identity.org,
    name text NOT NULL,
    sharing_class text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    description jsonb NOT NULL,
    mount jsonb,
    mount_secret bytea,
    clearance jsonb,
    terms text[] COLLATE "C" NOT NULL,
    wording text NOT NULL,
    drafted_by text COLLATE "C" NOT NULL,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    returned_because text,
    withdrawn_because text,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_name_is_unique_per_provider UNIQUE (provider_org, name),
    CONSTRAINT a_sharing_class_is_known CHECK (sharing_class IN ('unconditional', 'conditional', 'not_shared')),
    CONSTRAINT a_resource_state_is_known CHECK (state IN ('draft', 'review', 'published', 'withdrawn')),
    CONSTRAINT a_published_resource_has_its_date CHECK ((state IN ('draft', 'review')) = (published_at IS NULL))
);
CREATE INDEX resources_by_term ON catalog.resource USING gin (terms);
CREATE INDEX resources_by_provider ON catalog.resource (provider_org, code);

-- What calls may rely on.
CREATE VIEW catalog.live_resource AS SELECT id, version FROM catalog.resource WHERE state = 'published';
