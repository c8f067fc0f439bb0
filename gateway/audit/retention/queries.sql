-- months(now)
-- oldest first, with what is in each; the type that is not a process type is looked for, and found in the first rows
SELECT (m.lower AT TIME ZONE 'UTC')::date AS month, m.upper AS ends,
    (SELECT min(l.idx) FROM audit.ledger l WHERE l.recorded_at >= m.lower AND l.recorded_at < m.upper) AS first,
    (SELECT max(l.idx) + 1 FROM audit.ledger l WHERE l.recorded_at >= m.lower AND l.recorded_at < m.upper) AS beyond,
    NOT EXISTS (
        SELECT FROM audit.ledger l
        WHERE l.recorded_at >= m.lower AND l.recorded_at < m.upper
            AND NOT EXISTS (SELECT FROM audit.process_type p WHERE p.type = l.type)
    ) AS is_process,
    EXISTS (
        SELECT FROM audit.hold h
        WHERE h.lifted_at IS NULL AND (m.lower AT TIME ZONE 'UTC')::date BETWEEN h.first_month AND h.last_month
    ) AS is_held
FROM audit.partition_map m
WHERE m.upper <= $1::timestamptz
ORDER BY m.lower;

-- is_held(month)
-- of keys, whose records may be gone already
SELECT EXISTS (
    SELECT FROM audit.hold h WHERE h.lifted_at IS NULL AND $1::date BETWEEN h.first_month AND h.last_month
);

-- lowest()
-- where the records that are left begin
SELECT coalesce(min(idx), (SELECT max(size) FROM audit.head)) FROM audit.ledger;

-- head()
-- up to where and when the ledger has grown, and what of it stands in the figures
SELECT h.size, h.recorded_at, (SELECT r.beyond FROM audit.rolled_up r) AS counted
FROM audit.head h ORDER BY h.size DESC LIMIT 1;

-- add_disposal(id, kind, month, reason, proposed_by, proposed_at, event_id, event_digest)
-- one at a time of each month and kind
INSERT INTO audit.disposal (id, kind, month, reason, proposed_by, proposed_at, event_id, event_digest)
VALUES ($1::uuid, $2::text, $3::date, $4::text, $5::text, $6::timestamptz, $7::uuid, $8::bytea);

-- approve_disposal(id, by, at, event_id, event_digest)
-- the constraint a_disposal_is_approved_by_another is the second look
UPDATE audit.disposal SET approved_by = $2::text, approved_at = $3::timestamptz, event_id = $4::uuid, event_digest = $5::bytea
WHERE id = $1::uuid;

-- withdraw_disposal(id, by, at, event_id, event_digest)
-- possible until it is recorded that the month goes
UPDATE audit.disposal SET withdrawn_by = $2::text, withdrawn_at = $3::timestamptz, event_id = $4::uuid, event_digest = $5::bytea
WHERE id = $1::uuid;

-- record_disposal(id, first, beyond, archive, archive_sha256, recorded_id)
-- in the transaction of the record
UPDATE audit.disposal
SET first = $2::bigint, beyond = $3::bigint, archive = $4::text, archive_sha256 = $5::bytea, recorded_id = $6::uuid
WHERE id = $1::uuid;

-- disposal(id)
-- to be shown
SELECT id, kind, month, reason, proposed_by, proposed_at, approved_by, approved_at, withdrawn_by, withdrawn_at, first, beyond,
    archive, archive_sha256, event_id, event_digest, recorded_id, done_at
FROM audit.disposal WHERE id = $1::uuid;

-- lock_disposal(id)
-- for an act on it
SELECT id, kind, month, reason, proposed_by, proposed_at, approved_by, approved_at, withdrawn_by, withdrawn_at, first, beyond,
    archive, archive_sha256, event_id, event_digest, recorded_id, done_at
FROM audit.disposal WHERE id = $1::uuid FOR UPDATE;

-- next_disposal()
-- one that was approved and is not over; two processes never take the same
SELECT id, kind, month, reason, proposed_by, proposed_at, approved_by, approved_at, withdrawn_by, withdrawn_at, first, beyond,
    archive, archive_sha256, event_id, event_digest, recorded_id, done_at
FROM audit.disposal
WHERE approved_at IS NOT NULL AND withdrawn_at IS NULL AND done_at IS NULL
ORDER BY month, kind DESC LIMIT 1 FOR UPDATE SKIP LOCKED;

-- disposals(after, count)
-- newest first
SELECT id, kind, month, reason, proposed_by, proposed_at, approved_by, approved_at, withdrawn_by, withdrawn_at, first, beyond,
    archive, archive_sha256, event_id, event_digest, recorded_id, done_at
FROM audit.disposal WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2::integer;

-- is_signed(event_id)
-- whether a checkpoint covers the record
SELECT EXISTS (
    SELECT FROM audit.ledger l WHERE l.event_id = $1::uuid AND l.idx < (SELECT max(c.size) FROM audit.checkpoint c)
);

-- drop_partition(id)
-- the database looks at everything again
SELECT audit.drop_partition($1::uuid);

-- destroy_keys(id)
-- the database looks at everything again; how many were destroyed
SELECT audit_keys.destroy($1::uuid);

-- records_from(first, beyond, count, since, until)
-- a piece of one month, in order
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE idx >= $1::bigint AND idx < $2::bigint AND recorded_at >= $4::timestamptz AND recorded_at < $5::timestamptz
ORDER BY idx LIMIT $3::integer;

-- tile(n)
-- the leaves an archive is compared with
SELECT data FROM audit.tile WHERE n = $1::bigint;

-- add_hold(id, first_month, last_month, reason, placed_by, placed_at)
-- from its commit on nothing of these months goes
INSERT INTO audit.hold (id, first_month, last_month, reason, placed_by, placed_at)
VALUES ($1::uuid, $2::date, $3::date, $4::text, $5::text, $6::timestamptz);

-- lock_hold(id)
-- for an act on it
SELECT id, first_month, last_month, reason, placed_by, placed_at, lifted_by, lifted_at, lifted_because
FROM audit.hold WHERE id = $1::uuid FOR UPDATE;

-- lift_hold(id, by, at, because)
-- the constraint a_hold_is_lifted_by_another is the second look
UPDATE audit.hold SET lifted_by = $2::text, lifted_at = $3::timestamptz, lifted_because = $4::text WHERE id = $1::uuid;

-- holds(after, count)
-- newest first
SELECT id, first_month, last_month, reason, placed_by, placed_at, lifted_by, lifted_at, lifted_because
FROM audit.hold WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2::integer;
