-- add_comparison(id, left_resource, right_resource, left_org, right_org, keys, pairs, every_days, reason, made_by, made_at, next_run_at, event_id, event_digest)
-- due at once
INSERT INTO quality.comparison (
    id, left_resource, right_resource, left_org, right_org, keys, pairs, every_days, reason, made_by, made_at, next_run_at,
    event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- find_comparison(id)
-- ended or not
SELECT id, left_resource, right_resource, left_org, right_org, keys, pairs, every_days, reason, made_by, made_at,
    next_run_at, ended_at, event_id, event_digest
FROM quality.comparison WHERE id = $1;

-- lock_comparison(id)
-- two acts on one comparison follow each other
SELECT id, left_resource, right_resource, left_org, right_org, keys, pairs, every_days, reason, made_by, made_at,
    next_run_at, ended_at, event_id, event_digest
FROM quality.comparison WHERE id = $1 FOR UPDATE;

-- list_comparisons(org, after, count)
-- newest first; all departments when org is null
SELECT id, left_resource, right_resource, left_org, right_org, keys, pairs, every_days, reason, made_by, made_at,
    next_run_at, ended_at, event_id, event_digest
FROM quality.comparison
WHERE ($1::text IS NULL OR left_org = $1 OR right_org = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3;

-- ask_run(id, at, event_id, event_digest)
-- the worker takes it from here
UPDATE quality.comparison SET next_run_at = $2, event_id = $3, event_digest = $4 WHERE id = $1;

-- end_comparison(id, at, event_id, event_digest)
-- its reports stay
UPDATE quality.comparison SET ended_at = $2, next_run_at = NULL, event_id = $3, event_digest = $4 WHERE id = $1;

-- claim_due(now, abandoned)
-- each is taken by one process; one whose process died is taken again
UPDATE quality.comparison SET running_since = $1
WHERE id = (
    SELECT id FROM quality.comparison
    WHERE next_run_at <= $1 AND ended_at IS NULL AND (running_since IS NULL OR running_since < $2)
    ORDER BY next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id;

-- add_run(id, comparison_id, started_at, ended_at, fault, report, sealed)
-- a report or a fault
INSERT INTO quality.comparison_run (id, comparison_id, started_at, ended_at, fault, report, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- settle_run(id, started_at, next_run_at)
-- what was asked for while it ran stays due
UPDATE quality.comparison SET running_since = NULL,
    next_run_at = CASE WHEN ended_at IS NOT NULL THEN NULL WHEN next_run_at > $2 THEN next_run_at ELSE $3 END
WHERE id = $1;

-- runs_of(comparison_id, count)
-- newest first
SELECT id, comparison_id, started_at, ended_at, fault, report, sealed
FROM quality.comparison_run WHERE comparison_id = $1 ORDER BY id DESC LIMIT $2;
