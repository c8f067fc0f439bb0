-- add_recipient(id, resource_id, provider_org, recipient_org, recipient_name, basis, terms, fee_yuan, fee_basis, registered_by, registered_at, event_id, event_digest)
-- the partial index refuses the same one twice
INSERT INTO reports.recipient (
    id, resource_id, provider_org, recipient_org, recipient_name, basis, terms, fee_yuan, fee_basis, registered_by,
    registered_at, event_id, event_digest
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- find_recipient(id)
-- ended or not
SELECT p.id, p.resource_id, r.code AS resource_code, p.provider_org, p.recipient_org, p.recipient_name, p.basis, p.terms,
    p.fee_yuan, p.fee_basis, p.registered_by, p.registered_at, p.ended_at, p.ended_because, p.event_id, p.event_digest
FROM reports.recipient p JOIN catalog.resource r ON r.id = p.resource_id WHERE p.id = $1;

-- lock_recipient(id)
-- two ends at once follow each other
SELECT id FROM reports.recipient WHERE id = $1 FOR UPDATE;

-- end_recipient(id, ended_at, ended_because, event_id, event_digest)
-- the row stays as evidence
UPDATE reports.recipient SET ended_at = $2, ended_because = $3, event_id = $4, event_digest = $5 WHERE id = $1;

-- list_recipients(org, after, count)
-- newest first; all departments when org is null
SELECT p.id, p.resource_id, r.code AS resource_code, p.provider_org, p.recipient_org, p.recipient_name, p.basis, p.terms,
    p.fee_yuan, p.fee_basis, p.registered_by, p.registered_at, p.ended_at, p.ended_because, p.event_id, p.event_digest
FROM reports.recipient p JOIN catalog.resource r ON r.id = p.resource_id
WHERE ($1::text IS NULL OR p.provider_org = $1) AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3;

-- declare_equal_terms(resource_id, notice, declared_by, declared_at, event_id, event_digest)
-- a newer notice takes the place of the older
INSERT INTO reports.equal_terms (resource_id, notice, declared_by, declared_at, event_id, event_digest)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT ON CONSTRAINT equal_terms_are_declared_once DO UPDATE
SET notice = $2, declared_by = $3, declared_at = $4, event_id = $5, event_digest = $6;

-- openings(org, after, count)
-- found from what is granted and from what is registered: neither alone shows everybody
SELECT r.id AS resource_id, r.code, r.name, r.provider_org, coalesce(p.registered, '{}') AS registered,
    coalesce(g.granted, '{}') AS granted, coalesce(g.grants, '{}') AS grants,
    coalesce(p.fees_without_basis, '{}') AS fees_without_basis, e.notice AS equal_terms
FROM catalog.resource r
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT p.recipient_org ORDER BY p.recipient_org) AS registered,
        array_agg(DISTINCT p.recipient_org ORDER BY p.recipient_org)
            FILTER (WHERE p.fee_yuan > 0 AND p.fee_basis IS NULL) AS fees_without_basis
    FROM reports.recipient p WHERE p.resource_id = r.id AND p.ended_at IS NULL
) p ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT g.consumer_org ORDER BY g.consumer_org) AS granted,
        array_agg(g.id ORDER BY g.id) AS grants
    FROM authz.data_grant g
    WHERE g.resource_id = r.id AND g.state <> 'revoked' AND g.consumer_org !~ '^1'
) g ON true
LEFT JOIN reports.equal_terms e ON e.resource_id = r.id
WHERE (p.registered IS NOT NULL OR g.granted IS NOT NULL) AND ($1::text IS NULL OR r.provider_org = $1)
    AND ($2::text IS NULL OR r.code > $2)
ORDER BY r.code LIMIT $3;
