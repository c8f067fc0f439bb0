-- durability()
-- the settings without which a commit does not survive a crash
SELECT current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes;

-- write_batch(batch, node, boot, events, size)
-- no RETURNING and no ON CONFLICT: the writer's login may not read the inbox; one value for all events: as an array they
-- would cost the writer as much again as everything else
INSERT INTO audit.inbox (batch, node, boot, events, size)
VALUES ($1::uuid, $2::text, $3::uuid, $4::bytea, $5::integer);

-- heartbeat()
-- WAL after everything committed so far: its clean commit says that earlier commits are replicated too
SELECT pg_logical_emit_message(true, 'gateway audit', '');

-- try_lead(lock)
-- held by the session; polled, so a dead leader is replaced as soon as its session ends
SELECT pg_try_advisory_lock($1::bigint);

-- extend_ledger()
-- partitions up to three months ahead; answers until when the ledger is covered
SELECT audit.extend_ledger();

-- take_batches(rows, events)
-- what is deleted here is in the ledger when this transaction commits; at least one row, then whole rows up to the
-- number of events. A batch sent twice because its first answer was lost is consumed the first time only. An array, because
-- a join reads all the rows that were deleted and not cleaned up yet
WITH taken AS (
    DELETE FROM audit.inbox
    WHERE id = ANY (ARRAY(
        SELECT waiting.id
        FROM (
            SELECT oldest.id, sum(oldest.size) OVER (ORDER BY oldest.id) - oldest.size AS before
            FROM (SELECT id, size FROM audit.inbox ORDER BY id LIMIT $1::integer) AS oldest
        ) AS waiting
        WHERE waiting.before < $2::bigint
    ))
    RETURNING id, batch, events, size
), consumed AS (
    INSERT INTO audit.batch (id) SELECT batch FROM taken
    ON CONFLICT ON CONSTRAINT a_batch_is_consumed_once DO NOTHING
    RETURNING id
)
SELECT taken.events, taken.size, consumed.id IS NOT NULL AS is_new
FROM taken LEFT JOIN consumed ON consumed.id = taken.batch
ORDER BY taken.id;

-- forget_batches(days)
-- a writer gives up an unanswered batch long before
DELETE FROM audit.batch WHERE consumed_at < now() - make_interval(days => $1::integer);

-- standing(sides, orgs, added, width)
-- where the log stands, of one moment: its newest head, the last number given to each department on each side, and the leaves
-- after its last full tile if so many more fill it
SELECT head.size, head.prev_size, head.root, head.frontier, head.recorded_at,
       ARRAY(
           SELECT coalesce(counter.last, 0)
           FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (side, org, place)
           LEFT JOIN audit.counter ON counter.side = wanted.side AND counter.org = wanted.org
           ORDER BY wanted.place
       ) AS lasts,
       CASE WHEN head.size % $4::integer + $3::integer >= $4::integer THEN (
           SELECT string_agg(ledger.leaf_hash, ''::bytea ORDER BY ledger.idx) FROM audit.ledger
           WHERE ledger.idx >= head.size / $4::integer * $4::integer AND ledger.idx < head.size
       ) END AS open_tile
FROM (SELECT size, prev_size, root, frontier, recorded_at FROM audit.head ORDER BY size DESC LIMIT 1) AS head;

-- add_head(size, prev_size, root, frontier, recorded_at, sides, orgs, lasts)
-- the fence: a second successor of one head violates a_head_has_one_successor. With it the counters, which are derived from
-- the ledger, hence updatable
WITH added AS (
    INSERT INTO audit.head (size, prev_size, root, frontier, recorded_at)
    VALUES ($1::bigint, $2::bigint, $3::bytea, $4::bytea, $5::timestamptz)
    RETURNING size
)
INSERT INTO audit.counter (side, org, last)
SELECT moved.side, moved.org, moved.last FROM unnest($6::text[], $7::text[], $8::bigint[]) AS moved (side, org, last), added
ON CONFLICT ON CONSTRAINT a_department_has_one_counter_a_side DO UPDATE SET last = excluded.last;

-- head()
-- the newest
SELECT size, prev_size, root, frontier, recorded_at FROM audit.head ORDER BY size DESC LIMIT 1;

-- heads()
-- all in order, for verification
SELECT size, prev_size, root, frontier, recorded_at FROM audit.head ORDER BY size;

-- records()
-- all in order, for verification
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
ORDER BY idx;

-- pieces(first)
-- all in order from a place on, for verification: what a leaf is made of. Columns of the event need no look, they are its bytes;
-- where they are not, the record comes apart to be read whole
SELECT idx, recorded_at, cseq, pseq, consumer_org, provider_org, leaf_hash, audit.event_of(ledger) AS event,
       event IS NOT NULL OR type = 'retention.dropped' AS apart
FROM audit.ledger
WHERE idx >= $1::bigint
ORDER BY idx;

-- records_from(first, count)
-- oldest first, for what follows the log
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE idx >= $1::bigint
ORDER BY idx
LIMIT $2::integer;

-- glances(first, count)
-- records_from for those who look at all: without the event's bytes put together again
SELECT idx, recorded_at, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor, resource, matter,
       case_id, subject, grade, application_id, grant_id, request_id, rest, event
FROM audit.ledger
WHERE idx >= $1::bigint
ORDER BY idx
LIMIT $2::integer;

-- last_of_grant(grant_id, before)
-- by the grant's own index
SELECT recorded_at FROM audit.ledger WHERE grant_id = $1::uuid AND idx < $2::bigint ORDER BY idx DESC LIMIT 1;

-- find_record(event_id)
-- ids are ours and do not repeat; if one does, the first record counts; the id's own index in
-- any case: without statistics the order of the places tempts into reading them all
WITH found AS MATERIALIZED (
    SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
        resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
    FROM audit.ledger WHERE event_id = $1::uuid
)
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, event, leaf_hash
FROM found ORDER BY idx LIMIT 1;

-- find_of_request(request_id, type)
-- one record of a type that a request left; its own index in any case, as above
WITH found AS MATERIALIZED (
    SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
        resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
    FROM audit.ledger WHERE request_id = $1::uuid
)
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, event, leaf_hash
FROM found WHERE type = $2::text ORDER BY idx LIMIT 1;

-- first_acts(application_id, types, among)
-- what is decided on an application comes before its calls, so the first records of it are enough
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, event, leaf_hash
FROM (
    SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
           resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
    FROM audit.ledger WHERE application_id = $1::uuid ORDER BY idx LIMIT $3::integer
) AS first
WHERE type = ANY ($2::text[])
ORDER BY idx;

-- head_of(size)
-- what the log says it was at an earlier size
SELECT size, prev_size, root, frontier, recorded_at FROM audit.head WHERE size = $1::bigint;

-- add_checkpoint(size, note, signed_at)
-- several hosts may sign one size; what is published is what came first
INSERT INTO audit.checkpoint (size, note, signed_at) VALUES ($1::bigint, $2::bytea, $3::timestamptz)
ON CONFLICT ON CONSTRAINT a_size_is_signed_once DO NOTHING;

-- checkpoint()
-- the newest
SELECT note FROM audit.checkpoint ORDER BY size DESC LIMIT 1;

-- is_published(size)
-- whether what was signed reached the database
SELECT EXISTS (SELECT FROM audit.checkpoint WHERE size = $1::bigint);
