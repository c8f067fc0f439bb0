-- add_correction(id, resource_id, resource_code, grant_id, comparison_id, consumer_org, provider_org, item, doubt, pseudonym, key_shown, sealed, rule_sets, filed_by, filed_at, event_id, event_digest)
-- the partial index refuses a second open doubt of one department about one item of one record
INSERT INTO quality.correction (
    id, resource_id, resource_code, grant_id, comparison_id, consumer_org, provider_org, item, doubt, pseudonym, key_shown, sealed,
    rule_sets, filed_by, filed_at, event_id, event_digest, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'open', 1);

-- find_correction(id)
-- in any state
SELECT id, resource_id, resource_code, grant_id, comparison_id, consumer_org, provider_org, item, doubt, pseudonym, key_shown, sealed,
    state, rule_sets, filed_by, filed_at, report, answered_by, closed_at, version, event_id,
    event_digest
FROM quality.correction WHERE id = $1;

-- lock_correction(id)
-- two acts on one correction follow each other
SELECT id, resource_id, resource_code, grant_id, comparison_id, consumer_org, provider_org, item, doubt, pseudonym, key_shown, sealed,
    state, rule_sets, filed_by, filed_at, report, answered_by, closed_at, version, event_id,
    event_digest
FROM quality.correction WHERE id = $1 FOR UPDATE;

-- close_correction(id, state, report, answered_by, closed_at, event_id, event_digest)
-- once: it stays as it was answered
UPDATE quality.correction SET state = $2, report = $3, answered_by = $4, closed_at = $5, event_id = $6,
    event_digest = $7, version = version + 1
WHERE id = $1;

-- list_corrections(org, state, after, count)
-- newest first; all departments when org is null
SELECT id, resource_id, resource_code, grant_id, comparison_id, consumer_org, provider_org, item, doubt, pseudonym, key_shown, sealed,
    state, rule_sets, filed_by, filed_at, report, answered_by, closed_at, version, event_id,
    event_digest
FROM quality.correction
WHERE ($1::text IS NULL OR consumer_org = $1 OR provider_org = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- recipients(resource_id, but_org)
-- everybody else who has or had a grant of the resource: the data may still lie there
SELECT id, consumer_org FROM authz.data_grant WHERE resource_id = $1 AND consumer_org <> $2 ORDER BY id;

-- add_notice(id, correction_id, grant_id, consumer_org, given_at)
-- one per grant
INSERT INTO quality.notice (id, correction_id, grant_id, consumer_org, given_at) VALUES ($1, $2, $3, $4, $5);

-- notices_of(correction_id)
-- who was told
SELECT n.id, n.correction_id, n.grant_id, n.consumer_org, c.provider_org, c.resource_code, c.item, c.pseudonym,
    c.key_shown, n.given_at, n.acknowledged_at
FROM quality.notice n JOIN quality.correction c ON c.id = n.correction_id WHERE n.correction_id = $1 ORDER BY n.id;

-- list_notices(org, after, count)
-- newest first; all departments when org is null
SELECT n.id, n.correction_id, n.grant_id, n.consumer_org, c.provider_org, c.resource_code, c.item, c.pseudonym,
    c.key_shown, n.given_at, n.acknowledged_at
FROM quality.notice n JOIN quality.correction c ON c.id = n.correction_id
WHERE ($1::text IS NULL OR n.consumer_org = $1) AND ($2::uuid IS NULL OR n.id < $2) ORDER BY n.id DESC LIMIT $3;

-- lock_notice(id)
-- with the correction it tells of
SELECT n.id, n.correction_id, n.grant_id, n.consumer_org, c.provider_org, c.resource_code, c.item, c.pseudonym,
    c.key_shown, n.given_at, n.acknowledged_at
FROM quality.notice n JOIN quality.correction c ON c.id = n.correction_id WHERE n.id = $1 FOR UPDATE OF n;

-- acknowledge_notice(id, login, at)
-- once
UPDATE quality.notice SET acknowledged_by = $2, acknowledged_at = $3 WHERE id = $1;

-- open_doubts(resource_id)
-- what callers of the resource are told
SELECT count(*) AS open, min(filed_at) AS since FROM quality.correction WHERE resource_id = $1 AND state = 'open';
