-- 校核: doubted records, who has to answer, and who has to be told.

CREATE SCHEMA quality;

CREATE TABLE quality.correction (
    id uuid CONSTRAINT a_correction_is_filed_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_correction_is_of_a_resource REFERENCES catalog.resource,
    resource_code text COLLATE "C" NOT NULL,
    grant_id uuid NOT NULL CONSTRAINT a_correction_is_under_a_grant REFERENCES authz.data_grant,
    consumer_org text COLLATE "C" NOT NULL CONSTRAINT a_correction_has_a_consumer REFERENCES identity.org,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT a_correction_has_a_provider REFERENCES identity.org,
    item text COLLATE "C" NOT NULL,
    doubt text COLLATE "C" NOT NULL,
    pseudonym bytea NOT NULL,
    key_shown jsonb,
    sealed bytea NOT NULL,
    state text COLLATE "C" NOT NULL,
    rule_sets text[] COLLATE "C" NOT NULL,
    filed_by text COLLATE "C" NOT NULL,
    filed_at timestamptz NOT NULL,
    report text,
    answered_by text COLLATE "C",
    closed_at timestamptz,
    version integer NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_pseudonym_has_16_bytes CHECK (octet_length(pseudonym) = 16),
    CONSTRAINT a_doubt_is_known CHECK (doubt IN ('wrong', 'missing', 'outdated')),
    CONSTRAINT a_correction_state_is_known CHECK (state IN ('open', 'corrected', 'upheld', 'withdrawn')),
    CONSTRAINT who_doubts_does_not_answer CHECK (answered_by <> filed_by),
    CONSTRAINT a_closed_correction_is_over CHECK ((closed_at IS NULL) = (state = 'open'))
);
CREATE UNIQUE INDEX a_doubt_is_open_once ON quality.correction (consumer_org, resource_id, pseudonym, item)
    WHERE state = 'open';
CREATE INDEX open_corrections ON quality.correction (resource_id) WHERE state = 'open';
CREATE INDEX corrections_of_a_consumer ON quality.correction (consumer_org, id DESC);
CREATE INDEX corrections_to_a_provider ON quality.correction (provider_org, id DESC);

CREATE TABLE quality.notice (
    id uuid CONSTRAINT a_notice_is_given_once PRIMARY KEY,
    correction_id uuid NOT NULL CONSTRAINT a_notice_is_of_a_correction REFERENCES quality.correction,
    grant_id uuid NOT NULL CONSTRAINT a_notice_goes_to_a_grant REFERENCES authz.data_grant,
    consumer_org text COLLATE "C" NOT NULL,
    given_at timestamptz NOT NULL,
    acknowledged_by text COLLATE "C",
    acknowledged_at timestamptz,
    CONSTRAINT a_recipient_is_told_once UNIQUE (correction_id, grant_id)
);
CREATE INDEX notices_to_a_consumer ON quality.notice (consumer_org, id DESC);
