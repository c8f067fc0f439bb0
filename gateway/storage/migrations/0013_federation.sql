-- What goes up to upper platforms and comes down from them; the keys to them, wrapped.

CREATE SCHEMA federation;

CREATE TABLE federation.credential (
    platform text COLLATE "C" CONSTRAINT a_platform_has_one_key PRIMARY KEY,
    wrapped bytea NOT NULL,
    set_at timestamptz NOT NULL,
    event_id uuid NOT NULL
);

-- The queue and the record of what was told, in one: nothing is deleted from it.
CREATE TABLE federation.cascade (
    id uuid CONSTRAINT a_cascade_is_started_once PRIMARY KEY,
    platform text COLLATE "C" NOT NULL,
    flow text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    object_version integer NOT NULL,
    org text COLLATE "C" NOT NULL CONSTRAINT a_cascade_belongs_to_a_department REFERENCES identity.org,
    payload jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    fault text NOT NULL DEFAULT '',
    upper_id text NOT NULL DEFAULT '',
    upper_code text NOT NULL DEFAULT '',
    upper_status text NOT NULL DEFAULT '',
    upper_said text NOT NULL DEFAULT '',
    started_by text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    reported_at timestamptz,
    answered_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_object_is_told_once_per_version UNIQUE (platform, flow, object_id, object_version),
    CONSTRAINT a_flow_is_known CHECK (flow IN ('catalogue', 'service', 'table', 'application', 'correction')),
    CONSTRAINT a_cascade_state_is_known
        CHECK (state IN ('queued', 'reported', 'approved', 'refused', 'answered', 'rejected')),
    CONSTRAINT what_was_reported_has_its_date CHECK (state IN ('queued', 'rejected') OR reported_at IS NOT NULL),
    CONSTRAINT what_was_decided_has_its_date CHECK (state NOT IN ('approved', 'refused', 'answered') OR answered_at IS NOT NULL)
);
CREATE INDEX cascades_to_do ON federation.cascade (platform, next_at) WHERE state IN ('queued', 'reported');
CREATE INDEX cascades_in_order ON federation.cascade (platform, scope, id) WHERE state = 'queued';
CREATE INDEX cascades_of_a_department ON federation.cascade (org, id DESC);
CREATE INDEX cascades_of_an_object ON federation.cascade (object_id, flow);

-- 目录分类: class codes as an upper platform gives them out.
CREATE TABLE federation.class_code (
    platform text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    parent text COLLATE "C" NOT NULL,
    CONSTRAINT a_class_code_is_unique_per_platform PRIMARY KEY (platform, code)
);

CREATE TABLE federation.class_fetch (
    platform text COLLATE "C" CONSTRAINT classes_are_fetched_by_platform PRIMARY KEY,
    next_at timestamptz NOT NULL,
    fetched_at timestamptz
);
