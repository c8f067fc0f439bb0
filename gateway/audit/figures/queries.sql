-- place()
-- records below it are in the rollup; the ledger goes up to size
SELECT beyond, (SELECT size FROM audit.head ORDER BY size DESC LIMIT 1) AS size FROM audit.rolled_up;

-- claim_place()
-- one worker at a time: the others wait for its transaction and then see how far it came
SELECT beyond, (SELECT size FROM audit.head ORDER BY size DESC LIMIT 1) AS size FROM audit.rolled_up FOR UPDATE;

-- roll_up(first, beyond)
-- adds the records of a stretch to their days
INSERT INTO audit.rollup (day, consumer_org, provider_org, type, outcome, records)
SELECT (recorded_at AT TIME ZONE 'Asia/Shanghai')::date, coalesce(consumer_org, ''), coalesce(provider_org, ''), type, outcome,
       count(*)
FROM audit.ledger
WHERE idx >= $1::bigint AND idx < $2::bigint
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT ON CONSTRAINT a_day_is_rolled_up_once DO UPDATE SET records = rollup.records + excluded.records;

-- move_place(beyond)
-- in the transaction of roll_up: a record is counted exactly once
UPDATE audit.rolled_up SET beyond = $1::bigint;

-- plan_each_time()
-- in this transaction: what lies above the place is little, and only a plan that knows the place can know it
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- figures(beyond, first_day, last_day, org, consumer_org, provider_org, type, outcome, period, by_consumer, by_provider, by_type, by_outcome, lines)
-- the rollup and the records above its place, summed by what is asked
WITH counted AS (
    SELECT day, consumer_org, provider_org, type, outcome, records FROM audit.rollup
    UNION ALL
    SELECT (recorded_at AT TIME ZONE 'Asia/Shanghai')::date, coalesce(consumer_org, ''), coalesce(provider_org, ''), type,
           outcome, 1
    FROM audit.ledger WHERE idx >= $1::bigint
)
SELECT CASE $9::text WHEN 'month' THEN to_char(day, 'YYYY-MM') WHEN 'day' THEN to_char(day, 'YYYY-MM-DD') END AS period,
       CASE WHEN $10::boolean THEN consumer_org END AS consumer_org,
       CASE WHEN $11::boolean THEN provider_org END AS provider_org,
       CASE WHEN $12::boolean THEN type END AS type,
       CASE WHEN $13::boolean THEN outcome END AS outcome,
       sum(records)::bigint AS records
FROM counted
WHERE ($2::date IS NULL OR day >= $2) AND ($3::date IS NULL OR day <= $3)
  AND ($4::text IS NULL OR consumer_org = $4 OR provider_org = $4)
  AND ($5::text IS NULL OR consumer_org = $5) AND ($6::text IS NULL OR provider_org = $6)
  AND ($7::text IS NULL OR type = $7) AND ($8::text IS NULL OR outcome = $8)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
LIMIT $14::integer;

-- take_time()
-- in this transaction: counting a whole ledger again takes as long as it takes
SELECT set_config('statement_timeout', '0', true);

-- difference()
-- the first line of the rollup that the ledger does not give; once months were dropped, days up to that of the oldest
-- record left cannot be counted again
WITH oldest AS (
    SELECT idx, (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM audit.ledger ORDER BY idx LIMIT 1
),
counted AS (
    SELECT (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day, coalesce(consumer_org, '') AS consumer_org,
           coalesce(provider_org, '') AS provider_org, type, outcome, count(*) AS records, min(idx) AS first_idx
    FROM audit.ledger WHERE idx < (SELECT beyond FROM audit.rolled_up)
    GROUP BY 1, 2, 3, 4, 5
)
SELECT day, consumer_org, provider_org, type, outcome, coalesce(rollup.records, 0) AS rolled,
       coalesce(counted.records, 0) AS counted, coalesce(counted.first_idx, 0) AS first_idx
FROM audit.rollup FULL JOIN counted USING (day, consumer_org, provider_org, type, outcome)
WHERE rollup.records IS DISTINCT FROM counted.records
  AND (coalesce((SELECT idx FROM oldest), 0) = 0 OR day > (SELECT day FROM oldest))
ORDER BY day, consumer_org, provider_org, type, outcome
LIMIT 1;
