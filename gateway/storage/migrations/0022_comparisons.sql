-- 多源校核: pairs of resources compared by key, and what each comparison found.

CREATE TABLE quality.comparison (
    id uuid CONSTRAINT a_comparison_is_made_once PRIMARY KEY,
    left_resource uuid NOT NULL CONSTRAINT a_comparison_has_a_left_side REFERENCES catalog.resource,
    right_resource uuid NOT NULL CONSTRAINT a_comparison_has_a_right_side REFERENCES catalog.resource,
    left_org text COLLATE "C" NOT NULL,
    right_org text COLLATE "C" NOT NULL,
    keys jsonb NOT NULL,
    pairs jsonb NOT NULL,
    every_days integer,
    reason text NOT NULL,
    made_by text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL,
    next_run_at timestamptz,
    running_since timestamptz,
    ended_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_comparison_has_two_sides CHECK (left_resource <> right_resource),
    CONSTRAINT a_cycle_is_positive CHECK (every_days > 0),
    CONSTRAINT an_ended_comparison_is_not_due CHECK (ended_at IS NULL OR next_run_at IS NULL)
);
CREATE INDEX due_comparisons ON quality.comparison (next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TABLE quality.comparison_run (
    id uuid CONSTRAINT a_comparison_is_run_once PRIMARY KEY,
    comparison_id uuid NOT NULL CONSTRAINT a_run_is_of_a_comparison REFERENCES quality.comparison,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    fault text COLLATE "C",
    report jsonb,
    sealed bytea,
    CONSTRAINT a_run_has_a_report_or_a_fault CHECK ((fault IS NULL) <> (report IS NULL))
);
CREATE INDEX runs_of_a_comparison ON quality.comparison_run (comparison_id, id DESC);

-- A doubt of the authority follows from a comparison instead of a grant.
ALTER TABLE quality.correction
    ALTER COLUMN grant_id DROP NOT NULL,
    ADD COLUMN comparison_id uuid CONSTRAINT a_correction_follows_a_comparison REFERENCES quality.comparison,
    ADD CONSTRAINT a_correction_has_one_ground CHECK ((grant_id IS NULL) <> (comparison_id IS NULL));
