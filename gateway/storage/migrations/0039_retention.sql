-- Keeping records as long as they must be kept, and no longer: holds, and disposals that two persons decide.

-- Process records may go after six months (网络安全法 Art. 23), all others after three years (条例 Art. 29, 个人信息保护法 Art. 56).
CREATE TABLE audit.process_type (type text COLLATE "C" CONSTRAINT a_process_type_is_named_once PRIMARY KEY);
INSERT INTO audit.process_type (type) VALUES
    ('system.started'), ('system.stopped'), ('health.changed'), ('access.refused'), ('notice.retried'),
    ('person.signed_in'), ('person.signed_out'), ('sign_in.refused'), ('sessions.ended');

CREATE TABLE audit.hold (
    id uuid CONSTRAINT a_hold_has_one_id PRIMARY KEY,
    first_month date NOT NULL,
    last_month date NOT NULL,
    reason text NOT NULL,
    placed_by text COLLATE "C" NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by text COLLATE "C",
    lifted_at timestamptz,
    lifted_because text,
    CONSTRAINT a_hold_spans_months CHECK (last_month >= first_month),
    CONSTRAINT a_hold_is_lifted_by_another CHECK (lifted_by <> placed_by),
    CONSTRAINT a_hold_is_lifted_whole CHECK (num_nonnulls(lifted_by, lifted_at, lifted_because) IN (0, 3))
);

CREATE TABLE audit.disposal (
    id uuid CONSTRAINT a_disposal_has_one_id PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    month date NOT NULL,
    reason text NOT NULL,
    proposed_by text COLLATE "C" NOT NULL,
    proposed_at timestamptz NOT NULL,
    approved_by text COLLATE "C",
    approved_at timestamptz,
    withdrawn_by text COLLATE "C",
    withdrawn_at timestamptz,
    first bigint,
    beyond bigint,
    archive text,
    archive_sha256 bytea,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    recorded_id uuid,
    done_at timestamptz,
    CONSTRAINT a_disposal_is_of_records_or_keys CHECK (kind IN ('records', 'keys')),
    CONSTRAINT a_disposal_is_of_a_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT a_disposal_is_approved_by_another CHECK (approved_by <> proposed_by),
    CONSTRAINT a_withdrawn_disposal_is_not_done CHECK (withdrawn_at IS NULL OR done_at IS NULL)
);
CREATE UNIQUE INDEX a_month_is_disposed_of_once ON audit.disposal (kind, month) WHERE withdrawn_at IS NULL;

-- What every disposal must have, whoever asks for it; the last word on a drop is the database's.
CREATE FUNCTION audit.checked_disposal(wanted uuid, of_kind text) RETURNS audit.disposal
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    found audit.disposal;
    upper timestamptz;
BEGIN
    PERFORM FROM audit.disposal d WHERE d.id = wanted FOR UPDATE;
    found := (SELECT d FROM audit.disposal d WHERE d.id = wanted AND d.kind = of_kind);
    upper := (found.month + interval '1 month')::timestamptz;
    IF found.id IS NULL OR found.approved_by IS NULL OR found.withdrawn_at IS NOT NULL OR found.done_at IS NOT NULL THEN
        RAISE EXCEPTION 'the disposal % is not approved, or over', wanted USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (
        SELECT FROM audit.hold h WHERE h.lifted_at IS NULL AND found.month BETWEEN h.first_month AND h.last_month
    ) THEN
        RAISE EXCEPTION '% is under a legal hold', found.month USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF upper > now() - interval '6 months' OR upper > now() - interval '36 months' AND (of_kind = 'keys' OR EXISTS (
        SELECT FROM audit.ledger l
        WHERE l.recorded_at >= found.month::timestamptz AND l.recorded_at < upper
            AND NOT EXISTS (SELECT FROM audit.process_type p WHERE p.type = l.type)
    )) THEN
        RAISE EXCEPTION '% must still be kept', found.month USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT FROM audit.ledger l
        WHERE l.event_id = found.recorded_id AND l.type IN ('retention.dropped', 'keys.destroyed')
            AND l.idx < (SELECT max(c.size) FROM audit.checkpoint c)
    ) THEN
        RAISE EXCEPTION 'the disposal of % stands in no signed record', found.month USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN found;
END
$$;

-- The oldest month only, so that what is left is one run of records; its hashes stay in the tiles.
CREATE FUNCTION audit.drop_partition(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    found audit.disposal := audit.checked_disposal(wanted, 'records');
    oldest audit.partition_map := (SELECT m FROM audit.partition_map m ORDER BY m.lower LIMIT 1);
    beyond bigint;
BEGIN
    IF oldest.lower <> found.month::timestamptz OR octet_length(found.archive_sha256) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION '% is not the oldest month, or has no archive', found.month USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT coalesce(max(idx) + 1, $1) FROM audit.%I', oldest.name) INTO beyond USING found.beyond;
    IF beyond <> found.beyond OR (SELECT max(h.size) / 256 * 256 FROM audit.head h) < beyond THEN
        RAISE EXCEPTION 'the archive of % does not end where its records do', found.month
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DROP TABLE audit.%I', oldest.name);
    DELETE FROM audit.partition_map m WHERE m.name = oldest.name;
    UPDATE audit.disposal d SET done_at = now() WHERE d.id = wanted;
END
$$;

-- The keys of one month, and the pepper of a year that is over with it; what they opened is shredded.
CREATE FUNCTION audit_keys.destroy(wanted uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    found audit.disposal := audit.checked_disposal(wanted, 'keys');
    gone bigint;
BEGIN
    UPDATE audit_keys.secret s SET wrapped = NULL, destroyed_at = now()
    WHERE s.wrapped IS NOT NULL AND (
        (s.kind = 'detail' AND s.period = found.month)
        OR (s.kind = 'pepper' AND s.period + interval '1 year' = found.month + interval '1 month')
    );
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE audit.disposal d SET done_at = now() WHERE d.id = wanted;
    RETURN gone;
END
$$;
REVOKE ALL ON FUNCTION audit.checked_disposal(uuid, text), audit.drop_partition(uuid), audit_keys.destroy(uuid) FROM PUBLIC;
