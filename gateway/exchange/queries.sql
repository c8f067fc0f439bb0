-- take_many(grant_ids, grant_versions, resource_versions, calls, extra, day, now)
-- one statement says which grants are in force at this instant and had so many calls left today and this minute; rows are locked in one order; extra is what a process sets aside, at most a hundredth of what is left and nothing where minutes are bounded
WITH live AS (
    SELECT c.id, c.version, c.resource_version, c.daily_quota, asked.calls,
        CASE WHEN c.per_minute IS NULL THEN asked.extra ELSE 0 END AS extra,
        coalesce((60000000 + c.per_minute - 1) / c.per_minute, 0)::bigint AS spacing,
        coalesce((60000000 + c.per_minute - 1) / c.per_minute * c.per_minute::bigint, 0)::bigint AS ahead
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::integer[])
        AS asked (id, version, resource_version, calls, extra)
    JOIN authz.callable_grant c
        ON c.id = asked.id AND c.version = asked.version AND c.resource_version = asked.resource_version
    WHERE $6::date BETWEEN c.valid_from AND c.valid_until AND asked.calls <= least(c.daily_quota, c.per_minute)
    ORDER BY c.id
)
INSERT INTO exchange.quota_day AS q (grant_id, day, used, leased, lent, spaced_until)
SELECT id, $6::date, calls, least(extra, (daily_quota - calls) / 100), least(extra, (daily_quota - calls) / 100),
    CASE WHEN spacing = 0 THEN 0 ELSE $7::bigint + calls * spacing END
FROM live
ON CONFLICT ON CONSTRAINT quota_is_counted_once_per_day
DO UPDATE SET used = q.used + excluded.used,
    leased = q.leased + least(excluded.lent,
        ((SELECT daily_quota FROM live WHERE live.id = q.grant_id) - q.used - q.leased - excluded.used) / 100),
    lent = least(excluded.lent,
        ((SELECT daily_quota FROM live WHERE live.id = q.grant_id) - q.used - q.leased - excluded.used) / 100),
    spaced_until = CASE WHEN excluded.spaced_until = 0 THEN q.spaced_until
        ELSE greatest(q.spaced_until, $7::bigint) + excluded.spaced_until - $7::bigint END
WHERE q.used + q.leased + excluded.used <= (SELECT daily_quota FROM live WHERE live.id = q.grant_id)
    AND (excluded.spaced_until = 0 OR greatest(q.spaced_until, $7::bigint) + excluded.spaced_until - 2 * $7::bigint
        <= (SELECT ahead FROM live WHERE live.id = q.grant_id))
RETURNING grant_id, used + leased AS gone, lent,
    (SELECT version FROM live WHERE live.id = q.grant_id) AS grant_version,
    (SELECT resource_version FROM live WHERE live.id = q.grant_id) AS resource_version,
    (SELECT daily_quota FROM live WHERE live.id = q.grant_id) AS daily_quota;

-- settle(grant_ids, days, spent, returned)
-- what became of calls set aside: spent ones are used, the others are anybody's again; rows are locked in one order
UPDATE exchange.quota_day q SET used = q.used + told.spent, leased = greatest(0, q.leased - told.spent - told.returned)
FROM (
    SELECT h.grant_id, h.day, one.spent, one.returned
    FROM unnest($1::uuid[], $2::date[], $3::integer[], $4::integer[]) AS one (grant_id, day, spent, returned)
    JOIN exchange.quota_day h ON h.grant_id = one.grant_id AND h.day = one.day
    ORDER BY h.grant_id, h.day FOR UPDATE OF h
) told
WHERE q.grant_id = told.grant_id AND q.day = told.day;

-- obstacles(grant_id, day)
-- why nothing was taken, or would be: asked only then
SELECT
    EXISTS (SELECT FROM identity.live_client c WHERE c.id = g.client_id) AS client_is_live,
    EXISTS (SELECT FROM catalog.live_resource r WHERE r.id = g.resource_id) AS resource_is_live,
    coalesce(q.used, 0) AS used, coalesce(q.leased, 0) AS leased, g.daily_quota, g.per_minute,
    coalesce(q.spaced_until, 0) AS spaced_until
FROM authz.data_grant g LEFT JOIN exchange.quota_day q ON q.grant_id = g.id AND q.day = $2::date
WHERE g.id = $1;

-- used(grant_ids, day)
-- calls taken today under each of these grants that has any, with those set aside for calls about to be made
SELECT grant_id, used + leased AS used FROM exchange.quota_day WHERE grant_id = ANY($1::uuid[]) AND day = $2::date;

-- is_live(client_id, resource_id)
-- what a plan cannot say of itself
SELECT
    EXISTS (SELECT FROM identity.live_client c WHERE c.id = $1) AS client_is_live,
    EXISTS (SELECT FROM catalog.live_resource r WHERE r.id = $2) AS resource_is_live;

-- changes(since)
-- what was committed since a snapshot of the database, and by transactions that were then under way: those told before come again and are known by their number
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS seen, c.n, c.kind, c.key
FROM (SELECT) AS always LEFT JOIN exchange.change c ON c.made_in >= $1::text::xid8;

-- seen_now()
-- where hearing of changes begins
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS seen;

-- sweep_changes()
-- nobody asks for what is an hour old: whoever was deaf so long holds nothing any more
DELETE FROM exchange.change WHERE made_at < now() - interval '1 hour';
