-- plan_each_time()
-- in this transaction: a plan made without the values cannot know which filter is given, and reads everything
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- months(since, until)
-- the ledger's months with records of that time, newest first, and the places between which they lie: heads grow in
-- time, and each pass has one instant. One month is searched after the other, so what is found among the newest costs
-- nothing in the others
SELECT lower, upper,
       coalesce((SELECT size FROM audit.head WHERE recorded_at < $1::timestamptz ORDER BY recorded_at DESC, size DESC LIMIT 1),
                0) AS first,
       (SELECT size FROM audit.head WHERE $2::timestamptz IS NULL OR recorded_at < $2
        ORDER BY recorded_at DESC, size DESC LIMIT 1) AS beyond
FROM audit.partition_map
WHERE ($1 IS NULL OR upper > $1) AND ($2 IS NULL OR lower < $2)
  AND lower <= (SELECT recorded_at FROM audit.head ORDER BY size DESC LIMIT 1)
ORDER BY lower DESC;

-- find_records(lower, upper, first, beyond, but_consumer, page, type, outcome, consumer_org, provider_org, application_id, grant_id, request_id, reason, actor, resource, matter, case_id, subject, grade)
-- newest first within one month, in the order of the stretch indexes: no plan can walk the whole month by idx hoping
-- that something matches
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE recorded_at >= $1::timestamptz AND recorded_at < $2::timestamptz
  AND idx >= $3::bigint AND idx < $4::bigint
  AND idx >> 12 >= $3 >> 12 AND idx >> 12 <= $4 >> 12
  AND ($5::text IS NULL OR consumer_org IS DISTINCT FROM $5)
  AND ($7::text IS NULL OR type = $7)
  AND ($8::text IS NULL OR outcome = $8)
  AND ($9::text IS NULL OR consumer_org = $9)
  AND ($10::text IS NULL OR provider_org = $10)
  AND ($11::uuid IS NULL OR application_id = $11)
  AND ($12::uuid IS NULL OR grant_id = $12)
  AND ($13::uuid IS NULL OR request_id = $13)
  AND ($14::text IS NULL OR reason = $14)
  AND ($15::text IS NULL OR actor = $15)
  AND ($16::text IS NULL OR resource = $16)
  AND ($17::text IS NULL OR matter = $17)
  AND ($18::text IS NULL OR case_id = $18)
  AND ($19::text IS NULL OR subject = $19)
  AND ($20::text IS NULL OR grade = $20)
ORDER BY idx >> 12 DESC, idx DESC
LIMIT $6::integer;

-- browse_records(lower, upper, first, beyond, page)
-- everything of one month, newest first
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE recorded_at >= $1::timestamptz AND recorded_at < $2::timestamptz AND idx >= $3::bigint AND idx < $4::bigint
ORDER BY idx DESC
LIMIT $5::integer;
