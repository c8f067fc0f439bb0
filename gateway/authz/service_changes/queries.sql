-- add_change(id, grant_id, consumer_org, provider_org, kind, reason, planned_on, answer_until, opened_by, opened_at, event_id, event_digest)
-- one open per grant: the index refuses a second
INSERT INTO authz.service_change (
    id, grant_id, consumer_org, provider_org, kind, reason, planned_on, answer_until, opened_by, opened_at, event_id,
    event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- lock_change(id)
-- two acts on one record follow each other
SELECT id, grant_id, consumer_org, provider_org, kind, reason, planned_on, answer_until, opened_by, opened_at, agrees,
    answer, answered_by, answered_at, filing, filed_by, filed_at, event_id, event_digest
FROM authz.service_change WHERE id = $1 FOR UPDATE;

-- move_change(id, agrees, answer, answered_by, answered_at, filing, filed_by, filed_at, event_id, event_digest)
-- the whole of what may change
UPDATE authz.service_change SET agrees = $2, answer = $3, answered_by = $4, answered_at = $5, filing = $6, filed_by = $7,
    filed_at = $8, event_id = $9, event_digest = $10
WHERE id = $1;

-- list_changes(org, after, count)
-- newest first; all departments when org is null
SELECT id, grant_id, consumer_org, provider_org, kind, reason, planned_on, answer_until, opened_by, opened_at, agrees,
    answer, answered_by, answered_at, filing, filed_by, filed_at, event_id, event_digest
FROM authz.service_change
WHERE ($1::text IS NULL OR consumer_org = $1 OR provider_org = $1) AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3;

-- not_filed(grant_ids)
-- of these grants, those whose ending nobody has filed
SELECT g.id FROM authz.data_grant g
WHERE g.id = ANY($1::uuid[])
    AND NOT EXISTS (SELECT FROM authz.service_change c WHERE c.grant_id = g.id AND c.kind = 'end' AND c.filed_at IS NOT NULL)
ORDER BY g.id;

-- in_force_for(resource_id, today)
-- grants that a withdrawal of the resource would cut off
SELECT id FROM authz.data_grant
WHERE resource_id = $1 AND state IN ('active', 'suspended') AND valid_until >= $2::date;
