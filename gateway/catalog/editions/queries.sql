-- find_revision(resource_id)
-- at most one is open
SELECT state, version, description, reason, mount, mount_secret, clearance, notice, drafted_by, drafted_at,
    submitted_at, returned_because, event_id, event_digest
FROM catalog.revision WHERE resource_id = $1;

-- put_revision(resource_id, version, description, reason, drafted_by, drafted_at, event_id, event_digest)
-- a later draft keeps mount, clearance and who began it
INSERT INTO catalog.revision (
    resource_id, version, description, reason, drafted_by, drafted_at, event_id, event_digest, state
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft')
ON CONFLICT (resource_id) DO UPDATE SET description = $3, reason = $4, version = $2, event_id = $7, event_digest = $8;

-- set_revision_mount(resource_id, mount, secret)
-- the secret wrapped
UPDATE catalog.revision SET mount = $2, mount_secret = $3 WHERE resource_id = $1;

-- set_revision_clearance(resource_id, clearance)
-- for the description as it stands
UPDATE catalog.revision SET clearance = $2 WHERE resource_id = $1;

-- move_revision(resource_id, state, version, notice, submitted_at, returned_because, event_id, event_digest)
-- the notice stays once it was given
UPDATE catalog.revision SET state = $2, version = $3, notice = coalesce($4, notice),
    submitted_at = coalesce($5, submitted_at), returned_because = $6, event_id = $7, event_digest = $8
WHERE resource_id = $1;

-- end_revision(resource_id)
-- it became the live edition, or was given up; the audit log keeps what it was
DELETE FROM catalog.revision WHERE resource_id = $1;

-- take_over(id, name, sharing_class, description, mount, secret, clearance, terms, wording, published_at, event_id, event_digest)
-- the revision becomes the live description; compiled plans of the version before end with the next call
UPDATE catalog.resource SET name = $2, sharing_class = $3, description = $4, mount = $5, mount_secret = $6,
    clearance = $7, terms = $8, wording = $9, published_at = $10, event_id = $11, event_digest = $12,
    version = version + 1
WHERE id = $1;

-- add_edition(resource_id, resource_version, description, clearance, notice, published_by, published_at)
-- numbered from one
INSERT INTO catalog.edition (
    resource_id, number, resource_version, description, clearance, notice, published_by, published_at
) SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 FROM catalog.edition WHERE resource_id = $1;

-- list_editions(resource_id, count)
-- newest first
SELECT number, resource_version, description, clearance, notice, published_by, published_at
FROM catalog.edition WHERE resource_id = $1 ORDER BY number DESC LIMIT $2;

-- set_ending(id, ending, event_id, event_digest)
-- announced, or taken back; the version stays, because calls go on
UPDATE catalog.resource SET ending = $2, event_id = $3, event_digest = $4 WHERE id = $1;

-- find_due(today)
-- announced revisions and ends whose day has come; who takes one locks it
SELECT r.id FROM catalog.resource r LEFT JOIN catalog.revision v ON v.resource_id = r.id
WHERE r.state = 'published' AND (
    (v.state = 'announced' AND (v.notice ->> 'takes_effect_on')::date <= $1)
    OR (r.ending -> 'given' ->> 'ends_on')::date <= $1
)
ORDER BY r.id LIMIT 50;
