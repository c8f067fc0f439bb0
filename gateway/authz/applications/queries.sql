-- add_application(id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, rule_sets, form, filed_by, filed_at, event_id, event_digest)
-- always as filed
INSERT INTO authz.application (
    id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, rule_sets, form,
    filed_by, filed_at, event_id, event_digest, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'filed', 1);

-- find_application(id)
-- in any state
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state, rule_sets,
    form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at,
    version, event_id, event_digest, form_version, amended_by, notices
FROM authz.application WHERE id = $1;

-- lock_application(id)
-- two acts on one application follow each other
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state, rule_sets,
    form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at,
    version, event_id, event_digest, form_version, amended_by, notices
FROM authz.application WHERE id = $1 FOR UPDATE;

-- move_application(id, state, review, decision, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at, event_id, event_digest, client_id, form, form_version, amended_by, notices, awaits_requester)
-- the whole row after a step
UPDATE authz.application SET state = $2, review = $3, decision = $4, reviewed_by = $5, reviewed_at = $6,
    decided_by = $7, decided_at = $8, provided_at = $9, closed_at = $10, event_id = $11, event_digest = $12,
    client_id = $13, form = $14, form_version = $15, amended_by = $16, notices = $17, awaits_requester = $18,
    version = version + 1
WHERE id = $1;

-- list_applications(org, state, after, count)
-- newest first; all departments when org is null
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state, rule_sets,
    form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at,
    version, event_id, event_digest, form_version, amended_by, notices
FROM authz.application
WHERE ($1::text IS NULL OR consumer_org = $1 OR (provider_org = $1 AND reviewed_at IS NOT NULL AND state <> 'not_accepted'))
    AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- grant_of(application_id)
-- once it was approved or provided
SELECT id FROM authz.data_grant WHERE application_id = $1;

-- is_client_of(client_id, org)
-- inside the transaction that files, so that a disabled system cannot slip in
SELECT true FROM identity.live_client WHERE id = $1 AND org = $2;

-- add_version(application_id, form_version, form, because, written_by, written_at)
-- a version is never changed
INSERT INTO authz.application_form (application_id, form_version, form, because, written_by, written_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- versions(application_id)
-- few: each is a change somebody made by hand
SELECT form_version, form, because, written_by, written_at
FROM authz.application_form WHERE application_id = $1 ORDER BY form_version;
