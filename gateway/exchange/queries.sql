-- take_many(grant_ids, grant_versions, resource_versions, calls, day)
-- one statement says which grants are in force at this instant and had so many calls left; rows are locked in one order
WITH live AS (
    SELECT c.id, c.version, c.resource_version, c.daily_quota, asked.calls
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[]) AS asked (id, version, resource_version, calls)
    JOIN authz.callable_grant c
        ON c.id = asked.id AND c.version = asked.version AND c.resource_version = asked.resource_version
    WHERE $5::date BETWEEN c.valid_from AND c.valid_until AND asked.calls <= c.daily_quota
    ORDER BY c.id
)
INSERT INTO exchange.quota_day AS q (grant_id, day, used)
SELECT id, $5::date, calls FROM live
ON CONFLICT ON CONSTRAINT quota_is_counted_once_per_day
DO UPDATE SET used = q.used + excluded.used
WHERE q.used + excluded.used <= (SELECT daily_quota FROM live WHERE live.id = q.grant_id)
RETURNING grant_id, used,
    (SELECT version FROM live WHERE live.id = q.grant_id) AS grant_version,
    (SELECT resource_version FROM live WHERE live.id = q.grant_id) AS resource_version,
    (SELECT daily_quota FROM live WHERE live.id = q.grant_id) AS daily_quota;

-- obstacles(grant_id, day)
-- why nothing was taken: asked only then
SELECT
    EXISTS (SELECT FROM identity.live_client c WHERE c.id = g.client_id) AS client_is_live,
    EXISTS (SELECT FROM catalog.live_resource r WHERE r.id = g.resource_id) AS resource_is_live,
    coalesce((SELECT q.used FROM exchange.quota_day q WHERE q.grant_id = g.id AND q.day = $2::date), 0) AS used,
    g.daily_quota
FROM authz.data_grant g WHERE g.id = $1;
