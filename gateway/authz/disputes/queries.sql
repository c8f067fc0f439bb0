-- add_dispute(id, application_id, grant_id, raised_by_org, against, common_superior, claim, rule_sets, raised_by, raised_at, event_id, event_digest)
-- one open per application: the index refuses a second
INSERT INTO authz.dispute (
    id, application_id, grant_id, raised_by_org, against, common_superior, claim, rule_sets, raised_by, raised_at, event_id,
    event_digest, stage, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'negotiating', 1);

-- find_dispute(id)
-- at any stage
SELECT id, application_id, grant_id, raised_by_org, against, common_superior, claim, stage, rule_sets, raised_by,
    raised_at, escalated_at, referred_at, closed_at, outcome, version, event_id, event_digest
FROM authz.dispute WHERE id = $1;

-- lock_dispute(id)
-- two acts on one dispute follow each other
SELECT id, application_id, grant_id, raised_by_org, against, common_superior, claim, stage, rule_sets, raised_by,
    raised_at, escalated_at, referred_at, closed_at, outcome, version, event_id, event_digest
FROM authz.dispute WHERE id = $1 FOR UPDATE;

-- move_dispute(id, stage, escalated_at, referred_at, closed_at, outcome, event_id, event_digest)
-- the whole of what changes
UPDATE authz.dispute SET stage = $2, escalated_at = $3, referred_at = $4, closed_at = $5, outcome = $6, event_id = $7,
    event_digest = $8, version = version + 1
WHERE id = $1;

-- list_disputes(org, stage, after, count)
-- newest first; all departments when org is null
SELECT id, application_id, grant_id, raised_by_org, against, common_superior, claim, stage, rule_sets, raised_by,
    raised_at, escalated_at, referred_at, closed_at, outcome, version, event_id, event_digest
FROM authz.dispute
WHERE ($1::text IS NULL OR raised_by_org = $1 OR against = $1) AND ($2::text IS NULL OR stage = $2)
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- parties_of(application_id)
-- of what is disputed: the provider is a party once it was accepted
SELECT consumer_org, provider_org, reviewed_at IS NOT NULL AND state <> 'not_accepted' AS accepted, event_id,
    event_digest
FROM authz.application WHERE id = $1;

-- regions_of(orgs)
-- departments of different regions have their common superior coordinate
SELECT count(DISTINCT region) AS regions FROM identity.org WHERE code = ANY($1::text[]);

-- is_disputed(grant_id)
-- a provider does not end what is being disputed
SELECT EXISTS (SELECT FROM authz.dispute WHERE grant_id = $1 AND closed_at IS NULL);
