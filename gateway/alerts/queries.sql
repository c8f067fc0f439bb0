-- position()
-- the first record not looked at yet
SELECT next_idx FROM alerts.position;

-- move(next_idx)
-- forward only
INSERT INTO alerts.position (next_idx) VALUES ($1::bigint)
ON CONFLICT ON CONSTRAINT there_is_one_position DO UPDATE SET next_idx = excluded.next_idx
WHERE position.next_idx < excluded.next_idx;

-- again(rule, key, times, last_at, last_event)
-- more hits of an open alert; no row if none is open
UPDATE alerts.alert SET times = times + $3::bigint, last_at = $4::timestamptz, last_event = coalesce($5::uuid, last_event)
WHERE rule = $1::text AND key = $2::text AND acknowledged_at IS NULL
RETURNING id;

-- add_alert(id, rule, key, severity, first_at, last_at, times, first_event, last_event)
-- its record is written in the same transaction
INSERT INTO alerts.alert (id, rule, key, severity, first_at, last_at, times, first_event, last_event)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- list_alerts(only_open, after, count)
-- newest first
SELECT id, rule, key, severity, first_at, last_at, times, first_event, last_event, acknowledged_at, acknowledged_by, note
FROM alerts.alert
WHERE (NOT $1::boolean OR acknowledged_at IS NULL) AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3::integer;

-- lock_alert(id)
-- against two acknowledging at once
SELECT id, rule, key, severity, first_at, last_at, times, first_event, last_event, acknowledged_at, acknowledged_by, note
FROM alerts.alert WHERE id = $1::uuid FOR UPDATE;

-- acknowledge(id, at, by, note)
-- once
UPDATE alerts.alert SET acknowledged_at = $2::timestamptz, acknowledged_by = $3::text, note = $4::text WHERE id = $1::uuid;

-- census()
-- open ones, for the metrics
SELECT severity, count(*) AS open FROM alerts.alert WHERE acknowledged_at IS NULL GROUP BY severity;
