-- department(org)
-- its name, and the people who answer for its data
SELECT o.code, o.name, coalesce(
    (
        SELECT array_agg(p.name ORDER BY p.login)
        FROM identity.person p JOIN identity.person_role x ON x.login = p.login AND x.role = 'provider'
        WHERE p.org = o.code AND p.active
    ), '{}') AS answers
FROM identity.org o WHERE o.code = $1;

-- duties(org)
-- every published entry with who has it now
SELECT r.id, r.code, r.name, r.sharing_class, r.description, coalesce(
    (
        SELECT array_agg(DISTINCT o.name ORDER BY o.name)
        FROM authz.data_grant g JOIN identity.org o ON o.code = g.consumer_org
        WHERE g.resource_id = r.id AND g.state = 'active'
    ), '{}') AS granted_to
FROM catalog.resource r WHERE r.provider_org = $1 AND r.state = 'published' ORDER BY r.code;

-- next_version(org, year)
-- locks the year against a second publication at once
SELECT coalesce(max(d.version), 0) + 1 AS version
FROM (SELECT version FROM reports.duty_list WHERE org = $1 AND year = $2 FOR UPDATE) d;

-- add_duty_list(id, org, year, version, lines, published_by, published_at, event_id, event_digest)
-- the constraint refuses a version twice
INSERT INTO reports.duty_list (id, org, year, version, lines, published_by, published_at, event_id, event_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- find_duty_list(id)
-- with its department's present name
SELECT d.id, d.org, o.name AS org_name, d.year, d.version, d.lines, d.published_by, d.published_at, d.event_id,
    d.event_digest
FROM reports.duty_list d JOIN identity.org o ON o.code = d.org WHERE d.id = $1;

-- list_duty_lists(after, count)
-- newest first
SELECT d.id, d.org, o.name AS org_name, d.year, d.version, d.lines, d.published_by, d.published_at, d.event_id,
    d.event_digest
FROM reports.duty_list d JOIN identity.org o ON o.code = d.org
WHERE ($1::uuid IS NULL OR d.id < $1) ORDER BY d.id DESC LIMIT $2;

-- live(resources)
-- how the entries of a list stand now
SELECT r.id, r.state, coalesce(w.state, 'unknown') AS health, (
    SELECT count(*) FROM authz.application a WHERE a.resource_id = r.id AND a.closed_at IS NULL
) AS open_cases
FROM catalog.resource r LEFT JOIN monitoring.watch w ON w.resource_id = r.id WHERE r.id = ANY ($1::uuid[]);

-- breaches(resources, org, now)
-- clocks of the department itself only: what others let run out is not its breach
SELECT a.resource_id, c.case_id, c.rule, c.due_at, c.state
FROM authz.application a
JOIN supervision.clock c ON c.case_kind = 'application' AND c.case_id = a.id AND c.holder = $2
WHERE a.resource_id = ANY ($1::uuid[]) AND (c.state = 'late' OR (c.is_open AND c.due_at <= $3))
ORDER BY c.due_at;
