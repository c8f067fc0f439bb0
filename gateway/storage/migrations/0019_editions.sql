-- Editions of published entries, and the revision of one while the present edition stays live.

CREATE TABLE catalog.edition (
    resource_id uuid NOT NULL CONSTRAINT an_edition_is_of_a_resource REFERENCES catalog.resource,
    number integer NOT NULL,
    resource_version integer NOT NULL,
    description jsonb NOT NULL,
    clearance jsonb,
    notice jsonb,
    published_by text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    CONSTRAINT an_edition_is_numbered_once PRIMARY KEY (resource_id, number)
);

CREATE TABLE catalog.revision (
    resource_id uuid CONSTRAINT one_revision_at_a_time PRIMARY KEY
        CONSTRAINT a_revision_is_of_a_resource REFERENCES catalog.resource,
    state text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    description jsonb NOT NULL,
    reason text NOT NULL,
    mount jsonb,
    mount_secret bytea,
    clearance jsonb,
    notice jsonb,
    drafted_by text COLLATE "C" NOT NULL,
    drafted_at timestamptz NOT NULL,
    submitted_at timestamptz,
    returned_because text,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_revision_state_is_known CHECK (state IN ('draft', 'review', 'announced'))
);

CREATE INDEX announced_revisions ON catalog.revision (resource_id) WHERE state = 'announced';
CREATE INDEX announced_ends ON catalog.resource (id) WHERE ending IS NOT NULL;
