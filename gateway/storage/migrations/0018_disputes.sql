-- Disputes between departments (Decree 809 Art. 28) and complaints of anybody (Art. 37).

CREATE TABLE authz.dispute (
    id uuid CONSTRAINT a_dispute_is_raised_once PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT a_dispute_is_about_an_application REFERENCES authz.application,
    grant_id uuid CONSTRAINT a_dispute_may_be_about_a_grant REFERENCES authz.data_grant,
    raised_by_org text COLLATE "C" NOT NULL,
    against text COLLATE "C" NOT NULL,
    common_superior boolean NOT NULL,
    claim text NOT NULL,
    stage text COLLATE "C" NOT NULL CONSTRAINT a_stage_is_known
        CHECK (stage IN ('negotiating', 'coordinating', 'referred', 'settled', 'withdrawn')),
    rule_sets text[] COLLATE "C" NOT NULL,
    raised_by text COLLATE "C" NOT NULL,
    raised_at timestamptz NOT NULL,
    escalated_at timestamptz,
    referred_at timestamptz,
    closed_at timestamptz,
    outcome jsonb,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_dispute_has_two_parties CHECK (raised_by_org <> against),
    CONSTRAINT a_closed_dispute_is_over CHECK ((closed_at IS NOT NULL) = (stage IN ('settled', 'withdrawn')))
);
CREATE UNIQUE INDEX one_dispute_per_application_is_open ON authz.dispute (application_id) WHERE closed_at IS NULL;
CREATE INDEX disputes_raised_by ON authz.dispute (raised_by_org, id DESC);
CREATE INDEX disputes_against ON authz.dispute (against, id DESC);
CREATE INDEX disputes_of_a_grant ON authz.dispute (grant_id) WHERE closed_at IS NULL;

CREATE SEQUENCE authz.complaint_number;

-- Who complains, and what they say, is sealed; nothing here names them.
CREATE TABLE authz.complaint (
    id uuid CONSTRAINT a_complaint_is_received_once PRIMARY KEY,
    number text COLLATE "C" NOT NULL CONSTRAINT a_complaint_number_is_unique UNIQUE,
    application_id uuid CONSTRAINT a_complaint_may_be_about_an_application REFERENCES authz.application,
    grant_id uuid CONSTRAINT a_complaint_may_be_about_a_grant REFERENCES authz.data_grant,
    call_id uuid,
    complainant_kind text COLLATE "C" NOT NULL,
    sealed bytea NOT NULL,
    received_org text COLLATE "C" NOT NULL,
    received_by text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    holder text COLLATE "C" NOT NULL CONSTRAINT a_complaint_has_a_holder REFERENCES identity.org,
    rule_sets text[] COLLATE "C" NOT NULL,
    redress text COLLATE "C",
    answer text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_answered_complaint_says_what_came_of_it CHECK ((redress IS NULL) = (answered_at IS NULL))
);
CREATE INDEX complaints_received_by ON authz.complaint (received_org, id DESC);
CREATE INDEX complaints_held_by ON authz.complaint (holder, id DESC);
