-- take(grant_id, grant_version, resource_version, day)
-- one statement says both that the grant is in force at this instant and that quota was left; nothing comes back otherwise
WITH live AS (
    SELECT id, daily_quota FROM authz.callable_grant
    WHERE id = $1 AND version = $2 AND resource_version = $3 AND $4::date BETWEEN valid_from AND valid_until
)
INSERT INTO exchange.quota_day AS q (grant_id, day, used)
SELECT id, $4::date, 1 FROM live
ON CONFLICT ON CONSTRAINT quota_is_counted_once_per_day
DO UPDATE SET used = q.used + 1 WHERE q.used < (SELECT daily_quota FROM live)
RETURNING used, (SELECT daily_quota FROM live) AS daily_quota;

-- obstacles(grant_id, day)
-- why nothing was taken: asked only then
SELECT
    EXISTS (SELECT FROM identity.live_client c WHERE c.id = g.client_id) AS client_is_live,
    EXISTS (SELECT FROM catalog.live_resource r WHERE r.id = g.resource_id) AS resource_is_live,
    coalesce((SELECT q.used FROM exchange.quota_day q WHERE q.grant_id = g.id AND q.day = $2::date), 0) AS used,
    g.daily_quota
FROM authz.data_grant g WHERE g.id = $1;
