-- add_submission(id, resource_id, rule_sets, submitted_at)
-- one is open at a time
INSERT INTO catalog.submission (id, resource_id, rule_sets, submitted_at) VALUES ($1, $2, $3, $4);

-- end_submission(resource_id, ended_at, ended_as)
-- the open one, if there is any
UPDATE catalog.submission SET ended_at = $2, ended_as = $3 WHERE resource_id = $1 AND ended_at IS NULL
RETURNING id, resource_id, rule_sets, submitted_at, ended_at, ended_as;

-- submissions_of(resource_id, count)
-- newest first
SELECT id, resource_id, rule_sets, submitted_at, ended_at, ended_as
FROM catalog.submission WHERE resource_id = $1 ORDER BY id DESC LIMIT $2;

-- add_change(id, resource_id, kind, what, basis, changed_on, rule_sets, recorded_by, recorded_at, event_id, event_digest)
-- not extended, not ended
INSERT INTO catalog.change (
    id, resource_id, kind, what, basis, changed_on, rule_sets, recorded_by, recorded_at, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- extend_change(id, days, because, by, at, event_id, event_digest)
-- never a second time
UPDATE catalog.change SET extended_days = $2, extended_because = $3, extended_by = $4, extended_at = $5, event_id = $6,
    event_digest = $7
WHERE id = $1 AND extended_at IS NULL;

-- end_changes(resource_id, ended_at, ended_as)
-- one updated entry answers every change recorded until then
UPDATE catalog.change SET ended_at = $2, ended_as = $3 WHERE resource_id = $1 AND ended_at IS NULL
RETURNING id, resource_id, kind, what, basis, changed_on, rule_sets, recorded_by, recorded_at, extended_days,
    extended_because, extended_by, extended_at, ended_at, ended_as, event_id, event_digest;

-- changes_of(resource_id, count)
-- newest first
SELECT id, resource_id, kind, what, basis, changed_on, rule_sets, recorded_by, recorded_at, extended_days,
    extended_because, extended_by, extended_at, ended_at, ended_as, event_id, event_digest
FROM catalog.change WHERE resource_id = $1 ORDER BY id DESC LIMIT $2;

-- find_change(resource_id, id)
-- of this entry only
SELECT id, resource_id, kind, what, basis, changed_on, rule_sets, recorded_by, recorded_at, extended_days,
    extended_because, extended_by, extended_at, ended_at, ended_as, event_id, event_digest
FROM catalog.change WHERE resource_id = $1 AND id = $2;
