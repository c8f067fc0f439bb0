-- What others gave the log: cosignatures, time stamps, anchors; and what was told of their staying away. Only added to.

-- One witness's line over one checkpoint (C2SP tlog-cosignature), as it goes below the note.
CREATE TABLE audit.cosignature (
    size bigint NOT NULL CONSTRAINT a_cosignature_is_over_a_checkpoint REFERENCES audit.checkpoint (size),
    witness text COLLATE "C" NOT NULL,
    line bytea NOT NULL,
    cosigned_at timestamptz NOT NULL,
    CONSTRAINT a_witness_cosigns_a_size_once PRIMARY KEY (size, witness),
    CONSTRAINT a_line_is_short CHECK (octet_length(line) BETWEEN 1 AND 700)
);
CREATE INDEX cosignature_by_witness ON audit.cosignature (witness, size);

-- One authority's token (RFC 3161) over the note of one checkpoint, as it came.
CREATE TABLE audit.stamp (
    size bigint NOT NULL CONSTRAINT a_stamp_is_over_a_checkpoint REFERENCES audit.checkpoint (size),
    authority text COLLATE "C" NOT NULL,
    token bytea NOT NULL,
    stamped_at timestamptz NOT NULL,
    CONSTRAINT an_authority_stamps_a_size_once PRIMARY KEY (size, authority),
    CONSTRAINT a_token_fits CHECK (octet_length(token) BETWEEN 1 AND 65536)
);
CREATE INDEX stamp_by_authority ON audit.stamp (authority, size);

-- One deposit of a checkpoint at a 存证 service, with its answer.
CREATE TABLE audit.anchor (
    size bigint CONSTRAINT a_size_is_anchored_once PRIMARY KEY
        CONSTRAINT an_anchor_is_of_a_checkpoint REFERENCES audit.checkpoint (size),
    place text COLLATE "C" NOT NULL,
    answer bytea NOT NULL,
    anchored_at timestamptz NOT NULL,
    CONSTRAINT an_answer_fits CHECK (octet_length(answer) <= 65536)
);

-- Up to which size a stage is complete: witnessed by a quorum, stamped by an authority, anchored.
CREATE TABLE audit.reached (
    stage text COLLATE "C" NOT NULL,
    size bigint NOT NULL CONSTRAINT a_stage_reaches_a_checkpoint REFERENCES audit.checkpoint (size),
    reached_at timestamptz NOT NULL,
    CONSTRAINT a_stage_reaches_a_size_once PRIMARY KEY (stage, size),
    CONSTRAINT a_stage_is_known CHECK (stage IN ('unwitnessed', 'unstamped', 'unanchored'))
);

-- What was told of a stage that is late, so that it is told once, by whichever process sees it first.
CREATE TABLE audit.lateness (
    stage text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT a_lateness_is_told_once PRIMARY KEY (stage, since, kind),
    CONSTRAINT a_lateness_begins_or_ends CHECK (kind IN ('late', 'over'))
);

CREATE FUNCTION audit.told_at(batch uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_timestamp(('x' || translate(left(batch::text, 13), '-', ''))::bit(48)::bigint / 1000.0);

-- Since when the oldest open record of each stage waits; no row where nothing waits. The time of a head is that of its
-- last record, so a stage waits since the first head after the one it reached.
CREATE VIEW audit.standing AS
SELECT 'inbox' AS stage, audit.told_at(waiting.batch) AS since
FROM (SELECT batch FROM audit.inbox ORDER BY id LIMIT 1) AS waiting
UNION ALL
SELECT done.stage, head.recorded_at AS since
FROM (
    SELECT 'unpublished' AS stage, coalesce((SELECT max(size) FROM audit.checkpoint), 0) AS size
    UNION ALL
    SELECT known.stage, coalesce((SELECT max(reached.size) FROM audit.reached WHERE reached.stage = known.stage), 0)
    FROM (VALUES ('unwitnessed'), ('unstamped'), ('unanchored')) AS known (stage)
) AS done
JOIN audit.head ON head.prev_size = done.size;

CREATE TRIGGER cosignature_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER stamp_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.stamp
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER anchor_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER reached_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.reached
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER lateness_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.lateness
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
