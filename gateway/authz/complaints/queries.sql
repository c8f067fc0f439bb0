-- next_number()
-- numbers may have gaps, never twins
SELECT nextval('authz.complaint_number');

-- add_complaint(id, number, application_id, grant_id, call_id, complainant_kind, sealed, received_org, received_by, received_at, holder, rule_sets, event_id, event_digest)
-- always open
INSERT INTO authz.complaint (
    id, number, application_id, grant_id, call_id, complainant_kind, sealed, received_org, received_by, received_at, holder,
    rule_sets, event_id, event_digest, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1);

-- find_complaint(id)
-- open or answered
SELECT id, number, application_id, grant_id, call_id, complainant_kind, sealed, received_org, received_by, received_at,
    holder, rule_sets, redress, answer, answered_by, answered_at, version, event_id, event_digest
FROM authz.complaint WHERE id = $1;

-- lock_complaint(id)
-- two acts on one complaint follow each other
SELECT id, number, application_id, grant_id, call_id, complainant_kind, sealed, received_org, received_by, received_at,
    holder, rule_sets, redress, answer, answered_by, answered_at, version, event_id, event_digest
FROM authz.complaint WHERE id = $1 FOR UPDATE;

-- move_complaint(id, holder, redress, answer, answered_by, answered_at, event_id, event_digest)
-- the whole of what changes
UPDATE authz.complaint SET holder = $2, redress = $3, answer = $4, answered_by = $5, answered_at = $6, event_id = $7,
    event_digest = $8, version = version + 1
WHERE id = $1;

-- list_complaints(org, number, after, count)
-- newest first; all departments when org is null
SELECT id, number, application_id, grant_id, call_id, complainant_kind, sealed, received_org, received_by, received_at,
    holder, rule_sets, redress, answer, answered_by, answered_at, version, event_id, event_digest
FROM authz.complaint
WHERE ($1::text IS NULL OR received_org = $1 OR holder = $1) AND ($2::text IS NULL OR number = $2)
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- parties_of(application_id, grant_id)
-- of what the complaint is about
SELECT consumer_org, provider_org FROM authz.application
WHERE id = coalesce($1::uuid, (SELECT application_id FROM authz.data_grant WHERE id = $2::uuid));
