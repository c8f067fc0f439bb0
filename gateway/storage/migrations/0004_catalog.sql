-- The catalogue: one row per resource; its description as one document, what is searched and joined as columns.

CREATE SCHEMA catalog;

CREATE TABLE catalog.resource (
    id uuid CONSTRAINT a_resource_is_drafted_once PRIMARY KEY,
    code text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL CONSTRAINT a_service_name_is_unique UNIQUE,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT a_resource_has_a_provider REFERENCES identity.org,
    name text NOT NULL,
    sharing_class text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    description jsonb NOT NULL,
    format text COLLATE "C" GENERATED ALWAYS AS (description ->> 'format') STORED,
    class_name text COLLATE "C" GENERATED ALWAYS AS (description #>> '{classification,0}') STORED,
    group_name text COLLATE "C" GENERATED ALWAYS AS (description #>> '{classification,1}') STORED,
    update_cycle text COLLATE "C" GENERATED ALWAYS AS (description ->> 'update_cycle') STORED,
    grade text COLLATE "C" GENERATED ALWAYS AS (coalesce(description ->> 'grade', 'general')) STORED,
    open_to_public boolean GENERATED ALWAYS AS (coalesce((description ->> 'open_to_public')::boolean, false)) STORED,
    mount jsonb,
    mount_secret bytea,
    clearance jsonb,
    ending jsonb,
    terms text[] COLLATE "C" NOT NULL,
    wording text NOT NULL,
    drafted_by text COLLATE "C" NOT NULL,
    drafted_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    returned_because text,
    withdrawn_because text,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    -- with all that lists are filtered and counted by, so that they read this index alone
    CONSTRAINT a_resource_code_is_unique UNIQUE (code) INCLUDE (
        id, state, provider_org, sharing_class, format, class_name, group_name, update_cycle, grade, open_to_public
    ),
    CONSTRAINT a_name_is_unique_per_provider UNIQUE (provider_org, name),
    CONSTRAINT a_sharing_class_is_known CHECK (sharing_class IN ('unconditional', 'conditional', 'not_shared')),
    CONSTRAINT a_resource_state_is_known CHECK (state IN ('draft', 'review', 'published', 'withdrawn')),
    CONSTRAINT a_published_resource_has_its_date CHECK ((state IN ('draft', 'review')) = (published_at IS NULL))
);
CREATE INDEX resources_by_term ON catalog.resource USING gin (terms);
-- what words are compared with stays beside the row; the description, which a search does not read, goes elsewhere first
ALTER TABLE catalog.resource ALTER COLUMN wording SET STORAGE MAIN;
ALTER TABLE catalog.resource ALTER COLUMN terms SET STORAGE MAIN;
CREATE INDEX resources_by_provider ON catalog.resource (provider_org, code);

-- What calls may rely on.
CREATE VIEW catalog.live_resource AS
SELECT id, version, code, description ->> 'token_binding' AS token_binding FROM catalog.resource
WHERE state = 'published';
