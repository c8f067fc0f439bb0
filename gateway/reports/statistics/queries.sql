-- resources_published(org, since, until)
-- supply
SELECT r.provider_org AS org, r.sharing_class AS label, count(*)::double precision AS value
FROM catalog.resource r
WHERE r.state = 'published' AND r.published_at >= $2 AND r.published_at < $3 AND ($1::text IS NULL OR r.provider_org = $1)
GROUP BY 1, 2;

-- applications_filed(org, since, until)
-- demand
SELECT a.consumer_org AS org, a.state AS label, count(*)::double precision AS value
FROM authz.application a
WHERE a.filed_at >= $2 AND a.filed_at < $3 AND ($1::text IS NULL OR a.consumer_org = $1)
GROUP BY 1, 2;

-- applications_received(org, since, until)
-- the provider is a party once the platform accepted
SELECT a.provider_org AS org, a.state AS label, count(*)::double precision AS value
FROM authz.application a
WHERE a.filed_at >= $2 AND a.filed_at < $3 AND a.reviewed_at IS NOT NULL AND a.state <> 'not_accepted'
    AND ($1::text IS NULL OR a.provider_org = $1)
GROUP BY 1, 2;

-- refusals(org, since, until)
-- by reason code
SELECT a.provider_org AS org, coalesce(a.decision ->> 'reason', 'other') AS label, count(*)::double precision AS value
FROM authz.application a
WHERE a.state = 'refused' AND a.closed_at >= $2 AND a.closed_at < $3 AND ($1::text IS NULL OR a.provider_org = $1)
GROUP BY 1, 2;

-- wanted_not_had(org, since, until)
-- what is wanted but missing
SELECT a.provider_org AS org, r.code AS label, count(*)::double precision AS value
FROM authz.application a JOIN catalog.resource r ON r.id = a.resource_id
WHERE a.state IN ('refused', 'not_accepted') AND a.closed_at >= $2 AND a.closed_at < $3
    AND ($1::text IS NULL OR a.provider_org = $1)
GROUP BY 1, 2;

-- grants_issued(org, since, until)
-- by their present state
SELECT g.consumer_org AS org, g.state AS label, count(*)::double precision AS value
FROM authz.data_grant g
WHERE g.issued_at >= $2 AND g.issued_at < $3 AND ($1::text IS NULL OR g.consumer_org = $1)
GROUP BY 1, 2;

-- calls_made(org, since, until)
-- days of the quota's count are days in Asia/Shanghai
SELECT g.consumer_org AS org, g.service AS label, sum(q.used)::double precision AS value
FROM exchange.quota_day q JOIN authz.data_grant g ON g.id = q.grant_id
WHERE q.day >= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND q.day < ($3::timestamptz AT TIME ZONE 'Asia/Shanghai' + interval '1 day' - interval '1 microsecond')::date
    AND ($1::text IS NULL OR g.consumer_org = $1)
GROUP BY 1, 2;

-- calls_served(org, since, until)
-- the other side of calls_made
SELECT g.provider_org AS org, g.service AS label, sum(q.used)::double precision AS value
FROM exchange.quota_day q JOIN authz.data_grant g ON g.id = q.grant_id
WHERE q.day >= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND q.day < ($3::timestamptz AT TIME ZONE 'Asia/Shanghai' + interval '1 day' - interval '1 microsecond')::date
    AND ($1::text IS NULL OR g.provider_org = $1)
GROUP BY 1, 2;

-- calls_growth(org, since, until)
-- only services that were called in the period of the same length before
SELECT c.org, c.label, round((100 * (c.now - c.before) / c.before)::numeric, 1)::double precision AS value
FROM (
    SELECT g.provider_org AS org, g.service AS label,
        coalesce(sum(q.used) FILTER (WHERE q.day >= p.since), 0)::double precision AS now,
        coalesce(sum(q.used) FILTER (WHERE q.day < p.since), 0)::double precision AS before
    FROM (
        SELECT ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date AS since,
            ($3::timestamptz AT TIME ZONE 'Asia/Shanghai' + interval '1 day' - interval '1 microsecond')::date AS until
    ) p
    JOIN exchange.quota_day q ON q.day >= p.since - (p.until - p.since) AND q.day < p.until
    JOIN authz.data_grant g ON g.id = q.grant_id
    WHERE ($1::text IS NULL OR g.provider_org = $1)
    GROUP BY 1, 2
) c
WHERE c.before > 0;

-- grants_unused(org, since, until)
-- 应用未用
SELECT g.consumer_org AS org, g.service AS label, count(*)::double precision AS value
FROM authz.data_grant g
WHERE g.state = 'active' AND g.issued_at < $2 AND g.valid_until >= ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    AND ($1::text IS NULL OR g.consumer_org = $1)
    AND NOT EXISTS (
        SELECT FROM exchange.quota_day q
        WHERE q.grant_id = g.id AND q.day >= ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
    )
GROUP BY 1, 2;

-- on_time_rate(org, since, until)
-- a clock counts when it ended, or at its due instant if it did not end before that
SELECT c.holder AS org, c.rule AS label,
    round(100.0 * count(*) FILTER (WHERE c.state = 'met') / count(*), 1)::double precision AS value
FROM supervision.clock c
WHERE ((c.state IN ('met', 'late') AND c.ended_at >= $2 AND c.ended_at < $3)
        OR (c.is_open AND c.due_at >= $2 AND c.due_at < $3))
    AND ($1::text IS NULL OR c.holder = $1)
GROUP BY 1, 2;

-- clocks_late(org, since, until)
-- what ran out in the period, whether or not it was done afterwards
SELECT c.holder AS org, c.rule AS label, count(*)::double precision AS value
FROM supervision.clock c
WHERE (c.state = 'late' OR c.is_open) AND c.due_at >= $2 AND c.due_at < $3 AND ($1::text IS NULL OR c.holder = $1)
GROUP BY 1, 2;

-- oldest_pending(org, since, until)
-- in days at the end of the period
SELECT c.holder AS org, c.rule AS label,
    round((max(extract(epoch FROM $3::timestamptz - c.started_at)) / 86400)::numeric, 2)::double precision AS value
FROM supervision.clock c
WHERE c.is_open AND c.started_at >= $2 AND c.started_at < $3 AND ($1::text IS NULL OR c.holder = $1)
GROUP BY 1, 2;

-- answer_days(org, since, until)
-- the median is not moved by one forgotten case
SELECT a.provider_org AS org, a.sharing_class AS label,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.decided_at - a.filed_at)) / 86400)::numeric, 2)
        ::double precision AS value
FROM authz.application a
WHERE a.decided_at >= $2 AND a.decided_at < $3 AND ($1::text IS NULL OR a.provider_org = $1)
GROUP BY 1, 2;

-- corrections_open(org, since, until)
-- filed in the period and not answered
SELECT c.provider_org AS org, c.resource_code AS label, count(*)::double precision AS value
FROM quality.correction c
WHERE c.state = 'open' AND c.filed_at >= $2 AND c.filed_at < $3 AND ($1::text IS NULL OR c.provider_org = $1)
GROUP BY 1, 2;

-- corrections_late(org, since, until)
-- due in the period and not answered before
SELECT c.provider_org AS org, c.resource_code AS label, count(*)::double precision AS value
FROM quality.correction c
JOIN (
    SELECT case_id, min(due_at) AS due_at FROM supervision.clock WHERE case_kind = 'correction' GROUP BY case_id
) k ON k.case_id = c.id
WHERE k.due_at >= $2 AND k.due_at < $3 AND (c.closed_at IS NULL OR c.closed_at >= k.due_at)
    AND ($1::text IS NULL OR c.provider_org = $1)
GROUP BY 1, 2;

-- source_conflicts(org, since, until)
-- whoever claims the item sees it; claimed in the period
SELECT DISTINCT i.provider_org AS org, s.code AS label, 1::double precision AS value
FROM catalog.element_standing s JOIN catalog.item_claim i ON i.element_id = s.id
WHERE s.standing = 'open' AND i.claimed_at >= $2 AND i.claimed_at < $3 AND ($1::text IS NULL OR i.provider_org = $1);

-- ratings_average(org, since, until)
-- of the ratings given in the period
SELECT r.provider_org AS org, r.service AS label, round(avg(r.score), 2)::double precision AS value
FROM quality.rating r
WHERE r.rated_at >= $2 AND r.rated_at < $3 AND ($1::text IS NULL OR r.provider_org = $1)
GROUP BY 1, 2;

-- ratings_unanswered(org, since, until)
-- due in the period and not answered before
SELECT r.provider_org AS org, r.service AS label, count(*)::double precision AS value
FROM quality.rating r
WHERE r.answer_due_at >= $2 AND r.answer_due_at < $3 AND (r.answered_at IS NULL OR r.answered_at >= r.answer_due_at)
    AND ($1::text IS NULL OR r.provider_org = $1)
GROUP BY 1, 2;

-- league(org, since, until)
-- ranked among all before a department's own row is taken; who had nothing to do in a part has that part in full
SELECT l.org, 'rank ' || l.place || ' of ' || l.departments AS label, l.score AS value
FROM (
    SELECT s.org, s.score, rank() OVER (ORDER BY s.score DESC) AS place, count(*) OVER () AS departments
    FROM (
        SELECT o.org,
            round(60 * coalesce(c.cases, 1) + 20 * coalesce(c.corrections, 1) + 20 * coalesce(r.ratings, 1), 1)
                ::double precision AS score
        FROM (
            SELECT holder AS org FROM supervision.clock
            UNION
            SELECT provider_org FROM quality.rating
        ) o
        LEFT JOIN (
            SELECT holder AS org,
                count(*) FILTER (WHERE case_kind <> 'correction' AND state = 'met')::numeric
                    / nullif(count(*) FILTER (WHERE case_kind <> 'correction'), 0) AS cases,
                count(*) FILTER (WHERE case_kind = 'correction' AND state = 'met')::numeric
                    / nullif(count(*) FILTER (WHERE case_kind = 'correction'), 0) AS corrections
            FROM supervision.clock
            WHERE (state IN ('met', 'late') AND ended_at >= $2 AND ended_at < $3)
                OR (is_open AND due_at >= $2 AND due_at < $3)
            GROUP BY 1
        ) c ON c.org = o.org
        LEFT JOIN (
            SELECT provider_org AS org, (avg(score) - 1) / 4 AS ratings
            FROM quality.rating WHERE rated_at >= $2 AND rated_at < $3 GROUP BY 1
        ) r ON r.org = o.org
        WHERE c.org IS NOT NULL OR r.org IS NOT NULL
    ) s
) l
WHERE $1::text IS NULL OR l.org = $1;
