-- watch_new(now)
-- what was published since the last look; two processes at once make one row
INSERT INTO monitoring.watch (resource_id, resource_version, next_probe_at, since)
SELECT r.id, r.version, $1, $1 FROM catalog.resource r
WHERE r.state = 'published' AND r.mount IS NOT NULL
    AND NOT EXISTS (SELECT FROM monitoring.watch w WHERE w.resource_id = r.id)
ON CONFLICT ON CONSTRAINT a_resource_is_watched_once DO NOTHING;

-- claim_due(now, next_at, count)
-- the claim is the moving of the next date: another process skips locked rows and finds moved ones no longer due
UPDATE monitoring.watch w SET next_probe_at = $2
FROM (
    SELECT d.resource_id FROM monitoring.watch d
    JOIN catalog.resource r ON r.id = d.resource_id
    WHERE d.next_probe_at <= $1
        AND (r.state = 'published' AND r.mount IS NOT NULL OR d.state <> 'unknown')
    ORDER BY d.next_probe_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED
) due
WHERE w.resource_id = due.resource_id
RETURNING w.resource_id;

-- lock_watch(resource_id)
-- findings on one resource follow each other
SELECT resource_id, resource_version, state, since, probed_at, latency_seconds, refreshed_at, recent_ok, recent_caller,
    recent_gateway, recent_provider, recent_invalid, recent_note
FROM monitoring.watch WHERE resource_id = $1 FOR UPDATE;

-- set_watch(resource_id, version, state, since, probed_at, latency_seconds, refreshed_at)
-- the calls counted since the probe before are used up with it
UPDATE monitoring.watch SET resource_version = $2, state = $3, since = $4, probed_at = $5, latency_seconds = $6,
    refreshed_at = $7, recent_ok = 0, recent_caller = 0, recent_gateway = 0, recent_provider = 0, recent_invalid = 0,
    recent_note = ''
WHERE resource_id = $1;

-- count_probe(resource_id, at, failed)
-- into the hour of the probe
INSERT INTO monitoring.hour AS h (resource_id, hour, probes, probes_failed)
VALUES ($1, date_trunc('hour', $2::timestamptz), 1, $3::integer)
ON CONFLICT ON CONSTRAINT an_hour_is_counted_once
DO UPDATE SET probes = h.probes + 1, probes_failed = h.probes_failed + excluded.probes_failed;

-- add_hours(at, resource_ids, ok, caller, gateway, provider, seconds)
-- all resources of a flush in one statement, in one order, so that two flushes do not wait for each other in a circle
INSERT INTO monitoring.hour AS h (resource_id, hour, calls_ok, calls_caller, calls_gateway, calls_provider, call_seconds)
SELECT c.id, date_trunc('hour', $1::timestamptz), c.ok, c.caller, c.gateway, c.provider, c.seconds
FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::double precision[])
    AS c(id, ok, caller, gateway, provider, seconds)
ORDER BY c.id
ON CONFLICT ON CONSTRAINT an_hour_is_counted_once
DO UPDATE SET calls_ok = h.calls_ok + excluded.calls_ok, calls_caller = h.calls_caller + excluded.calls_caller,
    calls_gateway = h.calls_gateway + excluded.calls_gateway, calls_provider = h.calls_provider + excluded.calls_provider,
    call_seconds = h.call_seconds + excluded.call_seconds;

-- add_recent(resource_id, ok, caller, gateway, provider, invalid, note)
-- for the next probe to judge
UPDATE monitoring.watch SET recent_ok = recent_ok + $2, recent_caller = recent_caller + $3,
    recent_gateway = recent_gateway + $4, recent_provider = recent_provider + $5, recent_invalid = recent_invalid + $6,
    recent_note = $7
WHERE resource_id = $1;

-- open_alarms(resource_id)
-- at most one per kind
SELECT id, kind, side, reason, said_en, said_zh FROM monitoring.alarm WHERE resource_id = $1 AND cleared_at IS NULL;

-- add_alarm(id, resource_id, provider_org, kind, side, reason, said_en, said_zh, raised_at, event_id)
-- an open alarm of the same kind was cleared before
INSERT INTO monitoring.alarm (id, resource_id, provider_org, kind, side, reason, said_en, said_zh, raised_at, event_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- clear_alarm(id, cleared_at)
-- it stays in the list
UPDATE monitoring.alarm SET cleared_at = $2 WHERE id = $1;

-- listed_alarms(provider_org, only_open, side, after, count)
-- newest first; ids are UUIDv7
SELECT a.id, a.resource_id, r.code, r.name, a.provider_org, a.kind, a.side, a.reason, a.said_en, a.said_zh, a.raised_at,
    a.cleared_at, a.event_id
FROM monitoring.alarm a JOIN catalog.resource r ON r.id = a.resource_id
WHERE ($1::text IS NULL OR a.provider_org = $1) AND (NOT $2::boolean OR a.cleared_at IS NULL)
    AND ($3::text IS NULL OR a.side = $3) AND ($4::uuid IS NULL OR a.id < $4)
ORDER BY a.id DESC LIMIT $5;

-- listed_watches(provider_org, state, since, after, count, only)
-- by resource code, also those no probe has looked at yet; figures of the hours since $3
SELECT r.id AS resource_id, coalesce(w.resource_version, r.version) AS resource_version,
    coalesce(w.state, 'unknown') AS state, coalesce(w.since, r.published_at) AS since, w.probed_at, w.latency_seconds,
    w.refreshed_at, coalesce(w.recent_ok, 0) AS recent_ok, coalesce(w.recent_caller, 0) AS recent_caller,
    coalesce(w.recent_gateway, 0) AS recent_gateway, coalesce(w.recent_provider, 0) AS recent_provider,
    coalesce(w.recent_invalid, 0) AS recent_invalid, coalesce(w.recent_note, '') AS recent_note, r.code, r.name,
    r.provider_org, r.description ->> 'update_cycle' AS update_cycle, v.probes, v.probes_failed, v.calls_ok,
    v.calls_caller, v.calls_gateway, v.calls_provider, v.call_seconds
FROM catalog.resource r
LEFT JOIN monitoring.watch w ON w.resource_id = r.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(h.probes), 0)::integer AS probes, coalesce(sum(h.probes_failed), 0)::integer AS probes_failed,
        coalesce(sum(h.calls_ok), 0)::integer AS calls_ok, coalesce(sum(h.calls_caller), 0)::integer AS calls_caller,
        coalesce(sum(h.calls_gateway), 0)::integer AS calls_gateway,
        coalesce(sum(h.calls_provider), 0)::integer AS calls_provider, coalesce(sum(h.call_seconds), 0) AS call_seconds
    FROM monitoring.hour h WHERE h.resource_id = r.id AND h.hour >= $3::timestamptz
) v
WHERE ($1::text IS NULL OR r.provider_org = $1) AND ($2::text IS NULL OR coalesce(w.state, 'unknown') = $2)
    AND r.state = 'published' AND r.mount IS NOT NULL AND ($4::text IS NULL OR r.code > $4)
    AND ($6::uuid IS NULL OR r.id = $6)
ORDER BY r.code LIMIT $5;

-- alarms_of(resource_ids)
-- open ones of the resources of a page
SELECT a.id, a.resource_id, r.code, r.name, a.provider_org, a.kind, a.side, a.reason, a.said_en, a.said_zh, a.raised_at,
    a.cleared_at, a.event_id
FROM monitoring.alarm a JOIN catalog.resource r ON r.id = a.resource_id
WHERE a.resource_id = ANY ($1::uuid[]) AND a.cleared_at IS NULL
ORDER BY a.id;

-- census()
-- for the metrics: resources by state
SELECT w.state, count(*) AS resources FROM monitoring.watch w
JOIN catalog.resource r ON r.id = w.resource_id
WHERE r.state = 'published' GROUP BY w.state;

-- alarm_census()
-- for the metrics: open alarms by kind and side
SELECT kind, side, count(*) AS alarms FROM monitoring.alarm WHERE cleared_at IS NULL GROUP BY kind, side;

-- forget_hours(before)
-- figures only; alarms and audit records stay
DELETE FROM monitoring.hour WHERE hour < $1;
