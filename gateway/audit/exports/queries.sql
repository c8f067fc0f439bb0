-- exported(event_id)
-- the record of an export, as soon as it is in the ledger; the id's own index in
-- any case: without statistics the order of the places tempts into reading them all
WITH found AS MATERIALIZED (
    SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
        resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
    FROM audit.ledger WHERE event_id = $1::uuid
)
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, event, leaf_hash
FROM found ORDER BY idx LIMIT 1;

-- consumer_from(org, stretch)
-- the department's first record in a stretch of 4096 records or after it, by the index of searches
SELECT cseq AS number FROM audit.ledger
WHERE consumer_org = $1::text AND (idx >> 12) >= $2::bigint ORDER BY (idx >> 12), idx LIMIT 1;

-- consumer_first(org, number, since, stretch)
-- where a department's numbers as consumer begin
SELECT idx, cseq AS number FROM audit.ledger
WHERE consumer_org = $1::text AND cseq >= $2::bigint AND recorded_at >= $3::timestamptz AND (idx >> 12) >= $4::bigint
ORDER BY (idx >> 12), idx LIMIT 1;

-- provider_from(org, stretch)
-- the department's first record in a stretch of 4096 records or after it, by the index of searches
SELECT pseq AS number FROM audit.ledger
WHERE provider_org = $1::text AND (idx >> 12) >= $2::bigint ORDER BY (idx >> 12), idx LIMIT 1;

-- provider_first(org, number, since, stretch)
-- where a department's numbers as provider begin
SELECT idx, pseq AS number FROM audit.ledger
WHERE provider_org = $1::text AND pseq >= $2::bigint AND recorded_at >= $3::timestamptz AND (idx >> 12) >= $4::bigint
ORDER BY (idx >> 12), idx LIMIT 1;

-- log_first(org, number, since, stretch)
-- where the whole log's numbers begin, which are the indices; no department is named
SELECT idx, idx AS number FROM audit.ledger
WHERE $1::text = '' AND idx >= $2::bigint AND recorded_at >= $3::timestamptz AND idx >= ($4::bigint << 12) ORDER BY idx LIMIT 1;

-- consumer_last(org, number, until, idx, stretch)
-- where a department's numbers as consumer end
SELECT idx, cseq AS number FROM audit.ledger
WHERE consumer_org = $1::text AND cseq <= $2::bigint AND recorded_at < $3::timestamptz AND idx <= $4::bigint
    AND (idx >> 12) <= $5::bigint
ORDER BY (idx >> 12) DESC, idx DESC LIMIT 1;

-- provider_last(org, number, until, idx, stretch)
-- where a department's numbers as provider end
SELECT idx, pseq AS number FROM audit.ledger
WHERE provider_org = $1::text AND pseq <= $2::bigint AND recorded_at < $3::timestamptz AND idx <= $4::bigint
    AND (idx >> 12) <= $5::bigint
ORDER BY (idx >> 12) DESC, idx DESC LIMIT 1;

-- log_last(org, number, until, idx, stretch)
-- where the whole log's numbers end
SELECT idx, idx AS number FROM audit.ledger
WHERE $1::text = '' AND idx <= $2::bigint AND recorded_at < $3::timestamptz AND idx <= $4::bigint
    AND idx < (($5::bigint + 1) << 12)
ORDER BY idx DESC LIMIT 1;

-- consumer_page(org, low, high, page)
-- a department's records as consumer, from one index to another
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger WHERE consumer_org = $1::text AND idx >= $2::bigint AND idx <= $3::bigint ORDER BY idx LIMIT $4::integer;

-- provider_page(org, low, high, page)
-- a department's records as provider, from one index to another
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger WHERE provider_org = $1::text AND idx >= $2::bigint AND idx <= $3::bigint ORDER BY idx LIMIT $4::integer;

-- log_page(org, low, high, page)
-- all records from one index to another
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE $1::text = '' AND idx >= $2::bigint AND idx <= $3::bigint ORDER BY idx LIMIT $4::integer;

-- by_event(event_ids)
-- what shown records follow from
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger WHERE event_id = ANY ($1::uuid[]) ORDER BY idx;

-- by_idx(indices)
-- records at their places
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger WHERE idx = ANY ($1::bigint[]) ORDER BY idx;

-- stamps(application_ids)
-- the electronic seals that were filed on applications
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger WHERE application_id = ANY ($1::uuid[]) AND type = 'stamp.filed' ORDER BY idx;

-- cosigned_beyond(idx)
-- of the newest cosigned checkpoints that cover a record the one most witnesses vouch for
SELECT recent.size
FROM (
    SELECT size, count(*) AS witnesses FROM audit.cosignature WHERE size > $1::bigint
    GROUP BY size ORDER BY size DESC LIMIT 20
) AS recent
ORDER BY recent.witnesses DESC, recent.size DESC LIMIT 1;

-- signed_beyond(idx)
-- the newest signature that covers a record
SELECT size FROM audit.checkpoint WHERE size > $1::bigint ORDER BY size DESC LIMIT 1;

-- newest_size()
-- how far halving need look
SELECT max(size) AS size FROM audit.head;

-- covers(at)
-- the first head whose newest record is of this time or later: what is older lies below its size, what is not, from where
-- the head before it ended
SELECT prev_size, size FROM audit.head WHERE recorded_at >= $1::timestamptz ORDER BY recorded_at, size LIMIT 1;

-- hold_asker(who)
-- two exports of one person at the same moment are counted one after the other
SELECT pg_advisory_xact_lock(hashtextextended('exports of ' || $1::text, 0));

-- kept(who)
-- exports of this person that are open or kept, and bytes kept of all
SELECT count(*) FILTER (WHERE asked_by = $1::text) AS exports, coalesce(sum(bytes), 0)::bigint AS bytes
FROM audit.export WHERE state IN ('queued', 'running', 'done');

-- add_export(id, asked_by, org, kind, asked, asked_at, wrapped_key, event_digest)
-- in the transaction of its record, whose id it bears
INSERT INTO audit.export (id, asked_by, org, kind, asked, state, asked_at, next_at, wrapped_key, event_id, event_digest)
VALUES ($1, $2, $3, $4, $5, 'queued', $6, $6, $7, $1, $8);

-- find_export(id)
-- one as it stands
SELECT id, asked_by, org, kind, asked, state, records, rows, rows_done, bytes, pieces, position, reason, attempts, asked_at,
    finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM audit.export WHERE id = $1::uuid;

-- lock_export(id)
-- against two who change it at the same moment
SELECT id, asked_by, org, kind, asked, state, records, rows, rows_done, bytes, pieces, position, reason, attempts, asked_at,
    finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM audit.export WHERE id = $1::uuid FOR UPDATE;

-- lock_leased(id, lease)
-- only by the process whose turn it still is
SELECT id, asked_by, org, kind, asked, state, records, rows, rows_done, bytes, pieces, position, reason, attempts, asked_at,
    finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM audit.export WHERE id = $1::uuid AND lease = $2::uuid AND state = 'running' FOR UPDATE;

-- listed(who, all_of_them, after, count)
-- newest first; an auditor sees all
SELECT id, asked_by, org, kind, asked, state, records, rows, rows_done, bytes, pieces, position, reason, attempts, asked_at,
    finished_at, expires_at, wrapped_key, sha256, event_id, event_digest
FROM audit.export
WHERE (asked_by = $1::text OR $2::boolean) AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4::integer;

-- claim(now, leased_until, lease)
-- whose turn it is: the one that waited longest; a process that died loses its turn with its lease
UPDATE audit.export e SET state = 'running', leased_until = $2::timestamptz, lease = $3::uuid
WHERE e.id = (
    SELECT w.id FROM audit.export w
    WHERE w.state IN ('queued', 'running') AND w.next_at <= $1::timestamptz
        AND (w.leased_until IS NULL OR w.leased_until < $1)
    ORDER BY w.next_at, w.id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING e.id, e.asked_by, e.org, e.kind, e.asked, e.state, e.records, e.rows, e.rows_done, e.bytes, e.pieces, e.position,
    e.reason, e.attempts, e.asked_at, e.finished_at, e.expires_at, e.wrapped_key, e.sha256, e.event_id, e.event_digest;

-- renew(id, lease, leased_until)
-- whose turn lasts longer than a lease says so
UPDATE audit.export SET leased_until = $3::timestamptz WHERE id = $1::uuid AND lease = $2::uuid AND state = 'running';

-- plan(id)
-- what the pack is to hold, encrypted; apart, because it is large and needed once a turn
SELECT plan FROM audit.export WHERE id = $1::uuid;

-- keep_plan(id, lease, plan, records, rows)
-- everything that decides what the pack holds, before its first byte
UPDATE audit.export SET plan = $3, records = $4, rows = $5 WHERE id = $1 AND lease = $2 AND state = 'running' AND plan IS NULL;

-- add_piece(export_id, number, start, length, content)
-- the next bytes of the pack
INSERT INTO audit.export_piece (export_id, number, start, length, content) VALUES ($1, $2, $3, $4, $5);

-- go_on(id, rows_done, bytes, pieces, position)
-- after a piece
UPDATE audit.export SET rows_done = $2, bytes = $3, pieces = $4, position = $5, attempts = 0, reason = '' WHERE id = $1;

-- give_back(id, lease, next_at, attempts, reason)
-- the turn is over
UPDATE audit.export SET leased_until = NULL, lease = NULL, next_at = $3, attempts = $4, reason = $5
WHERE id = $1 AND lease = $2 AND state = 'running';

-- finish(id, sha256, finished_at, expires_at, event_id, event_digest)
-- the pack is whole; what it took to make it is not needed any more
UPDATE audit.export SET state = 'done', sha256 = $2, finished_at = $3, expires_at = $4, event_id = $5, event_digest = $6,
    plan = NULL, position = NULL, leased_until = NULL, lease = NULL
WHERE id = $1;

-- drop_pieces(id)
-- what was written
DELETE FROM audit.export_piece WHERE export_id = $1::uuid;

-- stop(id, state, reason, finished_at, event_id, event_digest)
-- the key goes with everything it opens
UPDATE audit.export SET state = $2, reason = $3, finished_at = coalesce(finished_at, $4), event_id = $5, event_digest = $6,
    plan = NULL, position = NULL, wrapped_key = NULL, leased_until = NULL, lease = NULL
WHERE id = $1;

-- pieces(id)
-- where each lies in the pack
SELECT number, start, length FROM audit.export_piece WHERE export_id = $1::uuid ORDER BY number;

-- piece(id, number)
-- one at a time: a pack is never in memory as a whole
SELECT content FROM audit.export_piece WHERE export_id = $1::uuid AND number = $2::integer;

-- expired(now)
-- packs whose time is over
SELECT id FROM audit.export WHERE state = 'done' AND expires_at <= $1::timestamptz ORDER BY id LIMIT 20;
