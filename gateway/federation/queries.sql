-- key_of(platform)
-- wrapped
SELECT wrapped FROM federation.credential WHERE platform = $1;

-- set_key(platform, wrapped, set_at, event_id)
-- the one before is forgotten
INSERT INTO federation.credential (platform, wrapped, set_at, event_id) VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT a_platform_has_one_key
DO UPDATE SET wrapped = excluded.wrapped, set_at = excluded.set_at, event_id = excluded.event_id;

-- keys_set()
-- when, never what
SELECT platform, set_at FROM federation.credential;

-- unreported(platform, count)
-- published entries whose present version was not told yet, and withdrawn ones that were told of before
SELECT r.id FROM catalog.resource r
WHERE r.state IN ('published', 'withdrawn')
    AND NOT EXISTS (
        SELECT FROM federation.cascade c
        WHERE c.platform = $1 AND c.flow = 'catalogue' AND c.object_id = r.code AND c.object_version = r.version
    )
    AND (r.state = 'published' OR EXISTS (
        SELECT FROM federation.cascade c
        WHERE c.platform = $1 AND c.flow = 'catalogue' AND c.object_id = r.code
    ))
ORDER BY r.code LIMIT $2;

-- add(id, platform, flow, scope, object_id, object_version, org, payload, started_by, started_at, event_id, event_digest)
-- nothing is added twice: another process or an earlier pass may have
INSERT INTO federation.cascade (
    id, platform, flow, scope, object_id, object_version, org, payload, state, next_at, started_by, started_at, event_id,
    event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $10, $9, $10, $11, $12);

-- claim(platforms, now, lease_until, count)
-- the head of each scope only, so that the order is kept; the claim is the moving of the date, a crash lets it lapse
UPDATE federation.cascade c SET next_at = $3
FROM (
    SELECT d.id FROM federation.cascade d
    WHERE d.platform = ANY ($1::text[]) AND d.next_at <= $2
        AND (
            d.state = 'queued' AND NOT EXISTS (
                SELECT FROM federation.cascade e
                WHERE e.platform = d.platform AND e.scope = d.scope AND e.state = 'queued' AND e.id < d.id
            )
            OR d.state = 'reported' AND d.flow IN ('application', 'correction')
        )
    ORDER BY d.next_at, d.id LIMIT $4 FOR UPDATE SKIP LOCKED
) due
WHERE c.id = due.id
RETURNING c.id;

-- find(id)
-- with everything
SELECT id, platform, flow, scope, object_id, object_version, org, payload, state, attempts, next_at, fault, upper_id,
    upper_code, upper_status, upper_said, started_by, started_at, reported_at, answered_at, event_id, event_digest
FROM federation.cascade WHERE id = $1;

-- lock(id)
-- two steps of one cascade follow each other
SELECT id, platform, flow, scope, object_id, object_version, org, payload, state, attempts, next_at, fault, upper_id,
    upper_code, upper_status, upper_said, started_by, started_at, reported_at, answered_at, event_id, event_digest
FROM federation.cascade WHERE id = $1 FOR UPDATE;

-- of_object(flow, object_id)
-- newest first
SELECT id, platform, flow, scope, object_id, object_version, org, payload, state, attempts, next_at, fault, upper_id,
    upper_code, upper_status, upper_said, started_by, started_at, reported_at, answered_at, event_id, event_digest
FROM federation.cascade WHERE flow = $1 AND object_id = $2 ORDER BY id DESC;

-- listed(org, platform, flow, state, after, count)
-- newest first
SELECT id, platform, flow, scope, object_id, object_version, org, payload, state, attempts, next_at, fault, upper_id,
    upper_code, upper_status, upper_said, started_by, started_at, reported_at, answered_at, event_id, event_digest
FROM federation.cascade
WHERE ($1::text IS NULL OR org = $1) AND ($2::text IS NULL OR platform = $2) AND ($3::text IS NULL OR flow = $3)
    AND ($4::text IS NULL OR state = $4) AND ($5::uuid IS NULL OR id < $5)
ORDER BY id DESC LIMIT $6;

-- upper_id_of_entry(platform, code)
-- of the newest version the platform has taken
SELECT upper_id FROM federation.cascade
WHERE platform = $1 AND flow = 'catalogue' AND object_id = $2 AND state = 'reported' AND upper_id <> ''
ORDER BY object_version DESC LIMIT 1;

-- put_off(id, next_at, fault, failed)
-- no step of the cascade: only when it is tried again, and why
UPDATE federation.cascade SET next_at = $2, fault = $3, attempts = CASE WHEN $4::boolean THEN attempts + 1 ELSE 0 END
WHERE id = $1;

-- move(id, state, next_at, fault, upper_id, upper_code, upper_status, upper_said, reported_at, answered_at, event_id, event_digest)
-- a step; what was known of the upper side stays where the answer leaves it out
UPDATE federation.cascade SET state = $2, next_at = $3, fault = $4, attempts = 0, upper_id = coalesce(nullif($5, ''), upper_id),
    upper_code = coalesce(nullif($6, ''), upper_code), upper_status = coalesce(nullif($7, ''), upper_status),
    upper_said = coalesce(nullif($8, ''), upper_said), reported_at = coalesce(reported_at, $9),
    answered_at = coalesce(answered_at, $10), event_id = $11, event_digest = $12
WHERE id = $1;

-- claim_classes(platform, now, next_at)
-- one process fetches the class codes
INSERT INTO federation.class_fetch AS f (platform, next_at) VALUES ($1, $3)
ON CONFLICT ON CONSTRAINT classes_are_fetched_by_platform
DO UPDATE SET next_at = excluded.next_at WHERE f.next_at <= $2
RETURNING true;

-- forget_classes(platform)
-- the list is replaced as a whole
DELETE FROM federation.class_code WHERE platform = $1;

-- add_class(platform, code, name, parent)
-- one of the list
INSERT INTO federation.class_code (platform, code, name, parent) VALUES ($1, $2, $3, $4);

-- classes_fetched(platform, at, next_at)
-- when the list was last whole
UPDATE federation.class_fetch SET fetched_at = $2, next_at = $3 WHERE platform = $1;

-- classes(platform, after, count)
-- by code
SELECT code, name, parent FROM federation.class_code
WHERE platform = $1 AND ($2::text IS NULL OR code > $2) ORDER BY code LIMIT $3;

-- census()
-- for the metrics
SELECT state, count(*) AS cascades FROM federation.cascade GROUP BY state;
