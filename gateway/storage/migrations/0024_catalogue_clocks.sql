-- The statutory clocks of entries (Decree 809 Art. 17): what was submitted for review, and what changed in law or duty.

CREATE TABLE catalog.submission (
    id uuid CONSTRAINT a_submission_is_made_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_submission_is_of_a_resource REFERENCES catalog.resource,
    rule_sets text[] COLLATE "C" NOT NULL,
    submitted_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_as text COLLATE "C",
    CONSTRAINT a_submission_ends_somehow CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CONSTRAINT an_end_of_a_submission_is_known CHECK (ended_as IN ('published', 'returned', 'closed'))
);
CREATE INDEX submissions_of_a_resource ON catalog.submission (resource_id, id DESC);
CREATE UNIQUE INDEX one_submission_is_open ON catalog.submission (resource_id) WHERE ended_at IS NULL;

CREATE TABLE catalog.change (
    id uuid CONSTRAINT a_change_is_recorded_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_change_concerns_a_resource REFERENCES catalog.resource,
    kind text COLLATE "C" NOT NULL,
    what text NOT NULL,
    basis text NOT NULL,
    changed_on date NOT NULL,
    rule_sets text[] COLLATE "C" NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    extended_days integer,
    extended_because text,
    extended_by text COLLATE "C",
    extended_at timestamptz,
    ended_at timestamptz,
    ended_as text COLLATE "C",
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_kind_of_change_is_known CHECK (kind IN ('law', 'decision', 'duty')),
    CONSTRAINT an_extension_is_whole CHECK (
        num_nulls(extended_days, extended_because, extended_by, extended_at) IN (0, 4)
    ),
    CONSTRAINT whoever_recorded_a_change_does_not_extend_it CHECK (extended_by <> recorded_by),
    CONSTRAINT a_change_ends_somehow CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CONSTRAINT an_end_of_a_change_is_known CHECK (ended_as IN ('submitted', 'closed'))
);
CREATE INDEX changes_of_a_resource ON catalog.change (resource_id, id DESC);
