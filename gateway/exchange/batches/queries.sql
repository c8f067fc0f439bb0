-- hold_client(client)
-- two orders of one system at the same moment are counted one after the other
SELECT pg_advisory_xact_lock(hashtextextended('batches of ' || $1::text, 0));

-- kept(client)
-- batches of this system that are open or whose result is kept, and bytes kept of all
SELECT count(*) FILTER (WHERE client_id = $1::text) AS batches, coalesce(sum(bytes), 0)::bigint AS bytes
FROM batches.batch WHERE state NOT IN ('failed', 'cancelled', 'destroyed');

-- add_batch(id, grant_id, application_id, client, service, consumer_org, provider_org, purpose, resource, grade, answering, item, fields, matter, case_id, rows, accepted_at, wrapped_key, wanted, event_id, event_digest)
-- in the transaction of its record
INSERT INTO batches.batch (
    id, grant_id, application_id, client_id, service, consumer_org, provider_org, purpose, resource, grade, answering,
    item, fields, matter, case_id, state, rows, accepted_at, next_at, wrapped_key, wanted, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'queued', $16, $17, $17, $18, $19, $20, $21);

-- find_batch(id)
-- one as it stands
SELECT id, grant_id, application_id, client_id, service, consumer_org, provider_org, purpose, resource, grade, answering,
    item, fields, matter, case_id, state, rows, rows_done, unanswered, yes, no, records, bytes, segments, reason, attempts,
    accepted_at, next_at, finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM batches.batch WHERE id = $1::uuid;

-- lock_batch(id)
-- against two who change it at the same moment
SELECT id, grant_id, application_id, client_id, service, consumer_org, provider_org, purpose, resource, grade, answering,
    item, fields, matter, case_id, state, rows, rows_done, unanswered, yes, no, records, bytes, segments, reason, attempts,
    accepted_at, next_at, finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM batches.batch WHERE id = $1::uuid FOR UPDATE;

-- lock_leased(id, lease)
-- only by the process whose turn it still is
SELECT id, grant_id, application_id, client_id, service, consumer_org, provider_org, purpose, resource, grade, answering,
    item, fields, matter, case_id, state, rows, rows_done, unanswered, yes, no, records, bytes, segments, reason, attempts,
    accepted_at, next_at, finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM batches.batch WHERE id = $1::uuid AND lease = $2::uuid AND state = 'running' FOR UPDATE;

-- claim(now, leased_until, lease)
-- whose turn it is: the one that waited longest; a process that died loses its turn with its lease
UPDATE batches.batch b SET state = 'running', leased_until = $2::timestamptz, lease = $3::uuid
WHERE b.id = (
    SELECT w.id FROM batches.batch w
    WHERE w.state IN ('queued', 'running') AND w.next_at <= $1::timestamptz
        AND (w.leased_until IS NULL OR w.leased_until < $1)
    ORDER BY w.next_at, w.id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING b.id, b.grant_id, b.application_id, b.client_id, b.service, b.consumer_org, b.provider_org, b.purpose, b.resource,
    b.grade, b.answering, b.item, b.fields, b.matter, b.case_id, b.state, b.rows, b.rows_done, b.unanswered, b.yes, b.no,
    b.records, b.bytes, b.segments, b.reason, b.attempts, b.accepted_at, b.next_at, b.finished_at, b.expires_at,
    b.wrapped_key, b.sha256, b.event_id, b.event_digest;

-- wanted(id)
-- the rows, encrypted; apart, because they are large and seldom needed
SELECT wanted FROM batches.batch WHERE id = $1::uuid;

-- add_segment(batch_id, number, start, length, content)
-- the answers of a stretch
INSERT INTO batches.segment (batch_id, number, start, length, content) VALUES ($1, $2, $3, $4, $5);

-- go_on(id, state, rows_done, unanswered, yes, no, records, bytes, segments, reason, attempts, next_at, event_id, event_digest)
-- after a stretch: the turn is given back
UPDATE batches.batch SET state = $2, rows_done = $3, unanswered = $4, yes = $5, no = $6, records = $7, bytes = $8,
    segments = $9, reason = $10, attempts = $11, next_at = $12, event_id = $13, event_digest = $14, leased_until = NULL,
    lease = NULL
WHERE id = $1;

-- finish(id, manifest, sha256, finished_at, expires_at, event_id, event_digest)
-- the result is complete and its statement sealed; what was asked is not needed any more
UPDATE batches.batch SET state = 'done', manifest = $2, sha256 = $3, finished_at = $4, expires_at = $5, event_id = $6,
    event_digest = $7, wanted = NULL, reason = ''
WHERE id = $1;

-- drop_segments(id)
-- what was answered
DELETE FROM batches.segment WHERE batch_id = $1::uuid;

-- stop(id, state, reason, finished_at, event_id, event_digest)
-- the key goes with everything it opens
UPDATE batches.batch SET state = $2, reason = $3, finished_at = coalesce(finished_at, $4), event_id = $5,
    event_digest = $6, wanted = NULL, wrapped_key = NULL, leased_until = NULL, lease = NULL
WHERE id = $1;

-- manifest(id)
-- the sealed statement
SELECT manifest FROM batches.batch WHERE id = $1::uuid;

-- pieces(id)
-- where each segment lies in the result
SELECT number, start, length FROM batches.segment WHERE batch_id = $1::uuid ORDER BY number;

-- segment(id, number)
-- one at a time: a result is never in memory as a whole
SELECT content FROM batches.segment WHERE batch_id = $1::uuid AND number = $2::integer;

-- to_seal(now)
-- whose rows are all answered
SELECT id FROM batches.batch WHERE state = 'sealing' AND next_at <= $1::timestamptz ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;

-- put_off(id, next_at)
-- what cannot be sealed now does not hold up the others
UPDATE batches.batch SET next_at = $2::timestamptz WHERE id = $1::uuid;

-- expired(now, too_old)
-- results whose time is over, and batches that did not end in theirs
SELECT id FROM batches.batch
WHERE (state = 'done' AND expires_at <= $1::timestamptz) OR (state IN ('queued', 'running') AND accepted_at < $2::timestamptz)
ORDER BY id LIMIT 20;
