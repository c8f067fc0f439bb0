-- add_resource(id, code, service, provider_org, name, sharing_class, description, terms, wording, drafted_by, event_id, event_digest)
-- always as a draft
INSERT INTO catalog.resource (
    id, code, service, provider_org, name, sharing_class, description, terms, wording, drafted_by, event_id,
    event_digest, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'draft', 1);

-- find_resource(id)
-- without what only search needs
SELECT id, provider_org, state, version, description, mount, mount_secret, drafted_by, drafted_at, published_at,
    returned_because, withdrawn_because, clearance, ending, event_id, event_digest
FROM catalog.resource WHERE id = $1;

-- lock_resource(id)
-- two acts on one resource follow each other
SELECT id, provider_org, state, version, description, mount, mount_secret, drafted_by, drafted_at, published_at,
    returned_because, withdrawn_because, clearance, ending, event_id, event_digest
FROM catalog.resource WHERE id = $1 FOR UPDATE;

-- replace_description(id, code, service, name, sharing_class, description, terms, wording)
-- of a draft; the mount stays and is checked against it
UPDATE catalog.resource SET code = $2, service = $3, name = $4, sharing_class = $5, description = $6, terms = $7,
    wording = $8
WHERE id = $1;

-- set_mount(id, mount, secret)
-- the secret wrapped
UPDATE catalog.resource SET mount = $2, mount_secret = $3 WHERE id = $1;

-- set_clearance(id, clearance)
-- the one before is in the audit log
UPDATE catalog.resource SET clearance = $2 WHERE id = $1;

-- move_resource(id, state, published_at, returned_because, withdrawn_because, event_id, event_digest)
-- the version counts every change, so that compiled plans of an older one are recognised
UPDATE catalog.resource SET state = $2, published_at = coalesce($3, published_at), returned_because = $4,
    withdrawn_because = $5, event_id = $6, event_digest = $7, version = version + 1
WHERE id = $1;
