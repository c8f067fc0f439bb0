-- plan_each_time()
-- in this transaction: a plan made without the values cannot know what later records are to be about
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- records_of(event_ids)
-- ids are ours and do not repeat; if one does, the first record counts, so it comes last and stays
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE event_id = ANY ($1::uuid[])
ORDER BY idx DESC;

-- later_records(after, since, request_id, grant_id, application_id, resource, page)
-- oldest first, along the index of what they are about
SELECT idx, recorded_at, cseq, pseq, event_id, occurred_at, type, outcome, reason, consumer_org, provider_org, actor,
       resource, matter, case_id, subject, grade, application_id, grant_id, request_id, audit.event_of(ledger) AS event, leaf_hash
FROM audit.ledger
WHERE idx > $1::bigint AND idx >> 12 >= $1 >> 12 AND recorded_at >= $2::timestamptz
  AND ($3::uuid IS NULL OR request_id = $3)
  AND ($4::uuid IS NULL OR grant_id = $4)
  AND ($5::uuid IS NULL OR application_id = $5)
  AND ($6::text IS NULL OR resource = $6)
ORDER BY idx >> 12, idx
LIMIT $7::integer;
