-- examine(org, now, used_since, after, count)
-- null where a check does not apply: what is not shared has neither mount nor callers, a live interface no refresh
SELECT r.id, r.code, r.name, r.provider_org, w.refreshed_at, coalesce(u.calls, 0)::integer AS calls,
    CASE WHEN r.sharing_class <> 'not_shared' THEN r.mount IS NOT NULL END AS linked,
    CASE WHEN r.sharing_class <> 'not_shared' THEN coalesce(w.state IN ('up', 'degraded'), false) END AS live,
    CASE r.sharing_class
        WHEN 'conditional' THEN coalesce(r.description ->> 'conditions', '') <> ''
        WHEN 'not_shared' THEN coalesce(r.description -> 'not_shared_basis' ->> 'citation', '') <> ''
    END AS conditions,
    CASE WHEN r.sharing_class <> 'not_shared' AND r.description ->> 'update_cycle' NOT IN ('realtime', 'irregular')
        THEN w.refreshed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM monitoring.alarm a
            WHERE a.resource_id = r.id AND a.kind = 'stale' AND a.cleared_at IS NULL
        )
    END AS refreshed,
    EXISTS (
        SELECT FROM identity.person p JOIN identity.person_role x ON x.login = p.login AND x.role = 'provider'
        WHERE p.org = r.provider_org AND p.active
    ) AS owned,
    coalesce((r.clearance ->> 'recorded_at')::timestamptz >= $2::timestamptz - interval '3 years', false) AS cleared,
    CASE WHEN r.sharing_class <> 'not_shared' AND r.published_at < $3::timestamptz THEN coalesce(u.calls, 0) > 0 END AS used,
    NOT EXISTS (
        SELECT FROM catalog.item_claim i JOIN catalog.element_standing s ON s.id = i.element_id
        WHERE i.resource_id = r.id AND s.standing = 'open'
    ) AS single_source
FROM catalog.resource r
LEFT JOIN monitoring.watch w ON w.resource_id = r.id
LEFT JOIN LATERAL (
    SELECT sum(q.used) AS calls
    FROM authz.data_grant g JOIN exchange.quota_day q ON q.grant_id = g.id
    WHERE g.resource_id = r.id AND q.day >= ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
) u ON true
WHERE r.state = 'published' AND ($1::text IS NULL OR r.provider_org = $1) AND ($4::text IS NULL OR r.code > $4)
ORDER BY r.code LIMIT $5;

-- unused(org, before, since, after, count)
-- grants in force, issued before a day and not called since another; the department may be on either side
SELECT g.id, g.consumer_org, g.provider_org, g.client_id, g.service, g.purpose, r.code, r.name, g.issued_at,
    g.valid_until, (SELECT max(q.day) FROM exchange.quota_day q WHERE q.grant_id = g.id) AS last_called
FROM authz.data_grant g JOIN catalog.resource r ON r.id = g.resource_id
WHERE g.state = 'active' AND g.issued_at < $2 AND g.valid_until >= $3::date
    AND ($1::text IS NULL OR g.consumer_org = $1 OR g.provider_org = $1)
    AND NOT EXISTS (SELECT FROM exchange.quota_day q WHERE q.grant_id = g.id AND q.day >= $3::date)
    AND ($4::uuid IS NULL OR g.id > $4)
ORDER BY g.id LIMIT $5;
