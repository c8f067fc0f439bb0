-- take_many(grant_ids, grant_versions, resource_versions, calls, day, minute)
-- one statement says which grants are in force at this instant and had so many calls left today and in this minute; rows are locked in one order
WITH live AS (
    SELECT c.id, c.version, c.resource_version, c.daily_quota, c.per_minute, asked.calls
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[]) AS asked (id, version, resource_version, calls)
    JOIN authz.callable_grant c
        ON c.id = asked.id AND c.version = asked.version AND c.resource_version = asked.resource_version
    WHERE $5::date BETWEEN c.valid_from AND c.valid_until AND asked.calls <= least(c.daily_quota, c.per_minute)
    ORDER BY c.id
)
INSERT INTO exchange.quota_day AS q (grant_id, day, used, minute, used_in_minute)
SELECT id, $5::date, calls, $6::integer, calls FROM live
ON CONFLICT ON CONSTRAINT quota_is_counted_once_per_day
DO UPDATE SET used = q.used + excluded.used, minute = greatest(q.minute, excluded.minute),
    used_in_minute = CASE WHEN excluded.minute > q.minute THEN excluded.used
        ELSE q.used_in_minute + excluded.used END
WHERE q.used + excluded.used <= (SELECT daily_quota FROM live WHERE live.id = q.grant_id)
    AND (excluded.minute > q.minute
        OR q.used_in_minute + excluded.used <= (SELECT per_minute FROM live WHERE live.id = q.grant_id))
RETURNING grant_id, used,
    (SELECT version FROM live WHERE live.id = q.grant_id) AS grant_version,
    (SELECT resource_version FROM live WHERE live.id = q.grant_id) AS resource_version,
    (SELECT daily_quota FROM live WHERE live.id = q.grant_id) AS daily_quota;

-- obstacles(grant_id, day)
-- why nothing was taken, or would be: asked only then
SELECT
    EXISTS (SELECT FROM identity.live_client c WHERE c.id = g.client_id) AS client_is_live,
    EXISTS (SELECT FROM catalog.live_resource r WHERE r.id = g.resource_id) AS resource_is_live,
    coalesce(q.used, 0) AS used, g.daily_quota, g.per_minute, coalesce(q.minute, 0) AS minute,
    coalesce(q.used_in_minute, 0) AS used_in_minute
FROM authz.data_grant g LEFT JOIN exchange.quota_day q ON q.grant_id = g.id AND q.day = $2::date
WHERE g.id = $1;

-- used(grant_ids, day)
-- calls taken today under each of these grants that has any
SELECT grant_id, used FROM exchange.quota_day WHERE grant_id = ANY($1::uuid[]) AND day = $2::date;
