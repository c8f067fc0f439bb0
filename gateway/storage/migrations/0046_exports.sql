-- Exports of audit records (举证导出): what was asked for stands in the record; here is how far the pack is, and its pieces, encrypted
-- under a key of the export's own, which is destroyed with it.

CREATE TABLE audit.export (
    id uuid CONSTRAINT an_export_is_asked_for_once PRIMARY KEY,
    asked_by text COLLATE "C" NOT NULL,
    org text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    asked jsonb NOT NULL,
    state text COLLATE "C" NOT NULL,
    records bigint,
    rows bigint,
    rows_done bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    pieces integer NOT NULL DEFAULT 0,
    plan bytea,
    position jsonb,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    asked_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    leased_until timestamptz,
    lease uuid,
    finished_at timestamptz,
    expires_at timestamptz,
    wrapped_key bytea,
    sha256 bytea,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_export_state_is_known CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'destroyed')),
    CONSTRAINT an_export_writes_no_more_than_asked CHECK (rows_done BETWEEN 0 AND coalesce(rows, 0)),
    CONSTRAINT a_done_export_is_whole CHECK (state <> 'done' OR (rows_done = rows AND sha256 IS NOT NULL)),
    CONSTRAINT an_ended_export_keeps_nothing CHECK (
        state NOT IN ('failed', 'cancelled', 'destroyed') OR (wrapped_key IS NULL AND plan IS NULL)
    )
);
CREATE INDEX exports_to_go_on_with ON audit.export (next_at) WHERE state IN ('queued', 'running');
CREATE INDEX exports_kept ON audit.export (asked_by) WHERE state IN ('queued', 'running', 'done');

CREATE TABLE audit.export_piece (
    export_id uuid NOT NULL CONSTRAINT a_piece_belongs_to_an_export REFERENCES audit.export,
    number integer NOT NULL,
    start bigint NOT NULL,
    length integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT a_piece_stands_once PRIMARY KEY (export_id, number)
);
ALTER TABLE audit.export_piece ALTER COLUMN content SET STORAGE EXTERNAL;
