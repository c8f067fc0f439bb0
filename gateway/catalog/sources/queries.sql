-- ensure_element(id, code)
-- an element begins with its first claim; a second at once waits for the first and finds it
INSERT INTO catalog.element (id, code, version) VALUES ($1, $2, 1) ON CONFLICT ON CONSTRAINT an_element_code_is_unique
DO NOTHING;

-- element_by_code(code)
-- locked for naming against claims under way
SELECT id FROM catalog.element WHERE code = $1 FOR SHARE;

-- put_claim(resource_id, item, element_id, provider_org, position, origin, basis, claimed_at)
-- an item that goes on meaning the same keeps its position when only the description says it again
INSERT INTO catalog.item_claim AS c (resource_id, item, element_id, provider_org, position, origin, basis, claimed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT ON CONSTRAINT an_item_means_one_thing DO UPDATE
SET element_id = $3, position = $5, origin = $6, basis = $7, claimed_at = $8
WHERE $6 = 'claim' OR c.element_id <> $3;

-- keep_claims(resource_id, items, undescribed)
-- what the description no longer holds, or no longer gives a code to, is claimed no more
DELETE FROM catalog.item_claim
WHERE resource_id = $1 AND (item <> ALL ($2::text[]) OR (origin = 'description' AND item = ANY ($3::text[])));

-- element_of(resource_id, item)
-- what an item is claimed to be
SELECT e.id, e.code, e.lead_org FROM catalog.item_claim c JOIN catalog.element e ON e.id = c.element_id
WHERE c.resource_id = $1 AND c.item = $2;

-- clashes(resource_id)
-- items of this entry, not marked as copies, that another department has too and whose source is not this department
SELECT c.item, e.id AS element_id, e.code AS element, e.lead_org, o.others
FROM catalog.item_claim c
JOIN catalog.element e ON e.id = c.element_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT b.provider_org ORDER BY b.provider_org), '{}') AS others
    FROM catalog.item_claim b
    JOIN catalog.resource r ON r.id = b.resource_id AND r.state IN ('review', 'published')
    WHERE b.element_id = e.id AND b.provider_org <> c.provider_org
) o
WHERE c.resource_id = $1 AND c.position = 'source'
    AND CASE WHEN e.lead_org IS NULL THEN cardinality(o.others) > 0 ELSE e.lead_org <> c.provider_org END
ORDER BY c.item;

-- find_element(id)
-- an element of drafts only stands for itself
SELECT e.id, e.code, coalesce(s.standing, 'single') AS standing, e.lead_org, e.lead_because, e.lead_named_by,
    e.lead_named_at, e.version
FROM catalog.element e LEFT JOIN catalog.element_standing s ON s.id = e.id WHERE e.id = $1;

-- lock_element(id)
-- two namings follow each other
SELECT id FROM catalog.element WHERE id = $1 FOR UPDATE;

-- list_elements(standing, org, after, count)
-- by code; with an org only those it has an item of
SELECT s.id, s.code, s.standing, e.lead_org, e.lead_because, e.lead_named_by, e.lead_named_at, e.version
FROM catalog.element_standing s JOIN catalog.element e ON e.id = s.id
WHERE ($1::text IS NULL OR s.standing = $1)
    AND ($2::text IS NULL OR EXISTS (SELECT FROM catalog.item_claim c WHERE c.element_id = s.id AND c.provider_org = $2))
    AND ($3::text IS NULL OR s.code > $3)
ORDER BY s.code LIMIT $4;

-- claims_of(elements)
-- with the entries they stand in; withdrawn entries claim nothing any more
SELECT c.element_id, c.resource_id, r.code, r.name AS resource, r.state, c.item, c.provider_org, c.position, c.origin,
    c.basis, c.claimed_at
FROM catalog.item_claim c JOIN catalog.resource r ON r.id = c.resource_id AND r.state <> 'withdrawn'
WHERE c.element_id = ANY ($1::uuid[]) ORDER BY c.claimed_at, r.code, c.item;

-- name_lead(id, lead_org, lead_because, lead_named_by, lead_named_at, event_id, event_digest)
-- again after a merger of departments
UPDATE catalog.element SET lead_org = $2, lead_because = $3, lead_named_by = $4, lead_named_at = $5, event_id = $6,
    event_digest = $7, version = version + 1
WHERE id = $1;
