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
