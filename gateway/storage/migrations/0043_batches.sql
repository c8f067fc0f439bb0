-- 批量交换: batches of calls. What was asked and what was answered is encrypted under the batch's own key, which is destroyed.

CREATE SCHEMA batches;

CREATE TABLE batches.batch (
    id uuid CONSTRAINT a_batch_is_accepted_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_batch_belongs_to_a_grant REFERENCES authz.data_grant,
    application_id uuid NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    grade text COLLATE "C" NOT NULL,
    answering text COLLATE "C" NOT NULL,
    item text COLLATE "C",
    fields text[],
    matter text COLLATE "C",
    case_id text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    rows integer NOT NULL,
    rows_done integer NOT NULL DEFAULT 0,
    unanswered integer NOT NULL DEFAULT 0,
    yes integer NOT NULL DEFAULT 0,
    no integer NOT NULL DEFAULT 0,
    records bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    segments integer NOT NULL DEFAULT 0,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    accepted_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    leased_until timestamptz,
    lease uuid,
    finished_at timestamptz,
    expires_at timestamptz,
    wrapped_key bytea,
    wanted bytea,
    sha256 bytea,
    manifest jsonb,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_batch_answers_one_way CHECK (answering IN ('records', 'yes_no')),
    CONSTRAINT only_yes_or_no_has_an_item CHECK ((answering = 'yes_no') = (item IS NOT NULL)),
    CONSTRAINT a_batch_state_is_known CHECK (
        state IN ('queued', 'running', 'sealing', 'done', 'failed', 'cancelled', 'destroyed')
    ),
    CONSTRAINT a_batch_has_rows CHECK (rows > 0 AND rows_done BETWEEN 0 AND rows),
    CONSTRAINT an_ended_batch_keeps_nothing CHECK (
        state NOT IN ('failed', 'cancelled', 'destroyed') OR (wrapped_key IS NULL AND wanted IS NULL)
    ),
    CONSTRAINT a_done_batch_is_sealed CHECK (state <> 'done' OR (sha256 IS NOT NULL AND manifest IS NOT NULL))
);
CREATE INDEX batches_to_go_on_with ON batches.batch (next_at) WHERE state IN ('queued', 'running', 'sealing');
CREATE INDEX batches_kept ON batches.batch (client_id) WHERE state NOT IN ('failed', 'cancelled', 'destroyed');

CREATE TABLE batches.segment (
    batch_id uuid NOT NULL CONSTRAINT a_segment_belongs_to_a_batch REFERENCES batches.batch,
    number integer NOT NULL,
    start bigint NOT NULL,
    length integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT a_segment_stands_once PRIMARY KEY (batch_id, number)
);
ALTER TABLE batches.segment ALTER COLUMN content SET STORAGE EXTERNAL;
