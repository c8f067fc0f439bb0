-- The audit log: an inbox every process writes to, and the ledger one integrator orders it into.

CREATE SCHEMA audit;

CREATE TABLE audit.inbox (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT an_inbox_row_has_one_id PRIMARY KEY,
    batch uuid NOT NULL CONSTRAINT a_batch_waits_once UNIQUE,
    node text COLLATE "C" NOT NULL,
    boot uuid NOT NULL,
    events bytea NOT NULL,
    size integer NOT NULL,
    CONSTRAINT a_node_has_a_short_name CHECK (octet_length(node) BETWEEN 1 AND 100),
    CONSTRAINT a_batch_is_not_too_large CHECK (octet_length(events) BETWEEN 1 AND 16777216),
    CONSTRAINT a_batch_counts_its_events CHECK (size BETWEEN 1 AND 8192)
);
COMMENT ON COLUMN audit.inbox.events IS 'one event a line, without a line feed after the last';
-- events are read once, then deleted: compression and lazy vacuuming would only cost, and what fits a page stays there
ALTER TABLE audit.inbox ALTER COLUMN events SET STORAGE EXTERNAL;
ALTER TABLE audit.inbox SET (
    toast_tuple_target = 8160,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_threshold = 2000,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE audit.batch (
    id uuid CONSTRAINT a_batch_is_consumed_once PRIMARY KEY,
    consumed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX batch_by_age ON audit.batch USING brin (consumed_at);

CREATE TABLE audit.counter (
    side text COLLATE "C" NOT NULL,
    org text COLLATE "C" NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT a_department_has_one_counter_a_side PRIMARY KEY (side, org),
    CONSTRAINT a_side_is_consumer_or_provider CHECK (side IN ('consumer', 'provider')),
    CONSTRAINT a_counter_counts CHECK (last > 0)
) WITH (fillfactor = 50);

CREATE TABLE audit.ledger (
    idx bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    occurred_at timestamptz,
    cseq bigint NOT NULL,
    pseq bigint NOT NULL,
    event_id uuid NOT NULL,
    application_id uuid,
    grant_id uuid,
    request_id uuid,
    type text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    reason text COLLATE "C",
    consumer_org text COLLATE "C",
    provider_org text COLLATE "C",
    actor text COLLATE "C",
    resource text COLLATE "C",
    matter text COLLATE "C",
    case_id text COLLATE "C",
    subject text COLLATE "C",
    grade text COLLATE "C",
    leaf_hash bytea NOT NULL,
    rest bytea,
    event bytea,
    CONSTRAINT an_index_is_not_negative CHECK (idx >= 0),
    CONSTRAINT a_record_keeps_milliseconds CHECK (
        date_trunc('milliseconds', recorded_at AT TIME ZONE 'UTC') = recorded_at AT TIME ZONE 'UTC'
    ),
    CONSTRAINT a_leaf_hash_is_sha256 CHECK (octet_length(leaf_hash) = 32),
    CONSTRAINT an_event_fits CHECK (octet_length(coalesce(event, rest)) BETWEEN 1 AND 65536),
    CONSTRAINT an_event_is_kept_once CHECK ((event IS NULL) <> (rest IS NULL))
) PARTITION BY RANGE (recorded_at);
COMMENT ON COLUMN audit.ledger.rest IS 'the event''s bytes behind its front, which the columns give; see audit.event_of';
COMMENT ON COLUMN audit.ledger.event IS 'all of the event''s bytes, where the columns do not give their front';

-- The bytes of an event as they were hashed. The columns are the first members of it, so they stand in the ledger once: whoever
-- changes a column changes the event.
CREATE FUNCTION audit.event_of(record audit.ledger) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(record.event, convert_to(
    '[2,"' || left(encode(uuid_send(record.event_id), 'base64'), 22) || '",'
        || (extract(epoch FROM record.occurred_at) * 1000000)::bigint || ','
        || btrim(to_json(ARRAY[
            record.type, record.outcome, coalesce(record.reason, ''), coalesce(record.consumer_org, ''),
            coalesce(record.provider_org, ''), coalesce(record.actor, ''), coalesce(record.resource, ''),
            coalesce(record.matter, ''), coalesce(record.case_id, ''), coalesce(record.subject, ''),
            coalesce(record.grade, ''),
            coalesce(left(encode(uuid_send(record.application_id), 'base64'), 22), ''),
            coalesce(left(encode(uuid_send(record.grant_id), 'base64'), 22), ''),
            coalesce(left(encode(uuid_send(record.request_id), 'base64'), 22), '')
        ])::text, '[]'),
    'UTF8') || record.rest);

CREATE INDEX ledger_by_time ON audit.ledger USING brin (recorded_at);
CREATE INDEX ledger_by_event ON audit.ledger (event_id);
-- Each filter of a search has an index over the value and the stretch of 4096 records it stands in: equal keys share
-- one entry, so a record costs 7 to 15 bytes instead of 36 to 44, and the newest are still found without sorting all.
CREATE INDEX ledger_by_type ON audit.ledger (type, (idx >> 12));
CREATE INDEX ledger_by_outcome ON audit.ledger (outcome, (idx >> 12));
CREATE INDEX ledger_by_reason ON audit.ledger (reason, (idx >> 12)) WHERE reason IS NOT NULL;
CREATE INDEX ledger_by_consumer ON audit.ledger (consumer_org, (idx >> 12)) WHERE consumer_org IS NOT NULL;
CREATE INDEX ledger_by_provider ON audit.ledger (provider_org, (idx >> 12)) WHERE provider_org IS NOT NULL;
CREATE INDEX ledger_by_application ON audit.ledger (application_id, (idx >> 12)) WHERE application_id IS NOT NULL;
CREATE INDEX ledger_by_grant ON audit.ledger (grant_id, (idx >> 12)) WHERE grant_id IS NOT NULL;
CREATE INDEX ledger_by_request ON audit.ledger (request_id, (idx >> 12)) WHERE request_id IS NOT NULL;
CREATE INDEX ledger_by_actor ON audit.ledger (actor, (idx >> 12)) WHERE actor IS NOT NULL;
CREATE INDEX ledger_by_resource ON audit.ledger (resource, (idx >> 12)) WHERE resource IS NOT NULL;
CREATE INDEX ledger_by_matter ON audit.ledger (matter, (idx >> 12)) WHERE matter IS NOT NULL;
CREATE INDEX ledger_by_case ON audit.ledger (case_id, (idx >> 12)) WHERE case_id IS NOT NULL;
CREATE INDEX ledger_by_subject ON audit.ledger (subject, (idx >> 12)) WHERE subject IS NOT NULL;
CREATE INDEX ledger_by_grade ON audit.ledger (grade, (idx >> 12)) WHERE grade IS NOT NULL;

CREATE TABLE audit.head (
    size bigint CONSTRAINT a_size_has_one_head PRIMARY KEY,
    prev_size bigint
        CONSTRAINT a_head_has_one_successor UNIQUE
        CONSTRAINT a_head_follows_a_head REFERENCES audit.head (size),
    root bytea NOT NULL,
    frontier bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT a_head_grows CHECK (size > prev_size),
    CONSTRAINT only_the_first_head_follows_none CHECK ((size = 0) = (prev_size IS NULL)),
    CONSTRAINT a_root_is_sha256 CHECK (octet_length(root) = 32),
    CONSTRAINT a_frontier_has_one_hash_a_bit CHECK (
        octet_length(frontier) = 32 * length(replace(size::bit(64)::text, '0', ''))
    )
);
CREATE INDEX heads_by_time ON audit.head (recorded_at, size);
INSERT INTO audit.head (size, prev_size, root, frontier, recorded_at)
VALUES (0, NULL, sha256(''), '', '1970-01-01T00:00:00Z');

CREATE FUNCTION audit.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: audit records are never changed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER ledger_rows_stay BEFORE UPDATE OR DELETE ON audit.ledger
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON audit.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
-- What the log signed of itself; a size is signed once, whoever signs first.
CREATE TABLE audit.checkpoint (
    size bigint CONSTRAINT a_size_is_signed_once PRIMARY KEY
        CONSTRAINT a_checkpoint_is_of_a_head REFERENCES audit.head (size),
    note bytea NOT NULL,
    signed_at timestamptz NOT NULL
);

CREATE TRIGGER checkpoint_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER head_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.head
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE TABLE audit.partition_map (
    name text COLLATE "C" CONSTRAINT a_partition_is_mapped_once PRIMARY KEY,
    lower timestamptz NOT NULL CONSTRAINT a_month_has_one_partition UNIQUE,
    upper timestamptz NOT NULL,
    CONSTRAINT a_partition_spans_time CHECK (upper > lower)
);

-- Built beside the ledger, then attached: readers and the integrator go on meanwhile.
CREATE FUNCTION audit.add_partition(month date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    lower timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    upper timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    name text := 'ledger_' || to_char(month, 'YYYY_MM');
BEGIN
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('CREATE UNIQUE INDEX %I ON audit.%I (idx)', name || '_idx', name);
    EXECUTE format(
        'CREATE TRIGGER partition_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', name);
    EXECUTE format(
        'ALTER TABLE audit.ledger ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', name, lower, upper);
    INSERT INTO audit.partition_map (name, lower, upper) VALUES (name, lower, upper);
END
$$;

-- One month back, because the gateway's clock may be behind the database's on the first of a month.
CREATE FUNCTION audit.extend_ledger() RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    wanted date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit.extend_ledger'));
    FOR wanted IN
        SELECT (date_trunc('month', now()) + make_interval(months => step))::date FROM generate_series(-1, 3) AS step
    LOOP
        IF NOT EXISTS (SELECT FROM audit.partition_map AS map WHERE map.lower = wanted::timestamptz) THEN
            PERFORM audit.add_partition(wanted);
        END IF;
    END LOOP;
    RETURN (SELECT max(map.upper) FROM audit.partition_map AS map);
END
$$;

REVOKE ALL ON FUNCTION audit.add_partition(date), audit.extend_ledger(), audit.refuse_change() FROM PUBLIC;
SELECT audit.extend_ledger();
