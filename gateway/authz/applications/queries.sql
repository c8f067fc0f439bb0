-- add_application(id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, rule_sets, form, filed_by, filed_at, event_id, event_digest, renews)
-- always as filed
INSERT INTO authz.application (
    id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, rule_sets, form,
    filed_by, filed_at, event_id, event_digest, renews, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'filed', 1);

-- find_application(id)
-- in any state
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state, rule_sets,
    form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at,
    version, event_id, event_digest, form_version, amended_by, notices, renews
FROM authz.application WHERE id = $1;

-- lock_application(id)
-- two acts on one application follow each other
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state, rule_sets,
    form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at,
    version, event_id, event_digest, form_version, amended_by, notices, renews
FROM authz.application WHERE id = $1 FOR UPDATE;

-- move_application(id, state, review, decision, reviewed_by, reviewed_at, decided_by, decided_at, provided_at, closed_at, event_id, event_digest, client_id, form, form_version, amended_by, notices, awaits_requester)
-- the whole row after a step
UPDATE authz.application SET state = $2, review = $3, decision = $4, reviewed_by = $5, reviewed_at = $6,
    decided_by = $7, decided_at = $8, provided_at = $9, closed_at = $10, event_id = $11, event_digest = $12,
    client_id = $13, form = $14, form_version = $15, amended_by = $16, notices = $17, awaits_requester = $18,
    version = version + 1
WHERE id = $1;

-- plan_by_values()
-- a plan for any filters would read a million rows for a rare one
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- list_applications(org, state, resource_id, provider_org, matter, holder, after, count)
-- newest first; all departments when org is null; two index scans, since OR over two columns would read the whole table
SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state,
        rule_sets, form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at,
        provided_at, closed_at, version, event_id, event_digest, form_version, amended_by, notices, renews
FROM (
    (SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state,
        rule_sets, form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at,
        provided_at, closed_at, version, event_id, event_digest, form_version, amended_by, notices, renews
    FROM authz.application
    WHERE ($1::text IS NULL OR consumer_org = $1) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR resource_id = $3)
        AND ($4::text IS NULL OR provider_org = $4) AND ($5::text IS NULL OR matter = $5)
        AND ($6::text IS NULL OR holder = $6) AND ($7::uuid IS NULL OR id < $7)
    ORDER BY id DESC LIMIT $8)
    UNION ALL
    (SELECT id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class, route, state,
        rule_sets, form, review, decision, filed_by, filed_at, reviewed_by, reviewed_at, decided_by, decided_at,
        provided_at, closed_at, version, event_id, event_digest, form_version, amended_by, notices, renews
    FROM authz.application
    WHERE provider_org = $1 AND consumer_org <> $1 AND reviewed_at IS NOT NULL AND state <> 'not_accepted'
        AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR resource_id = $3)
        AND ($4::text IS NULL OR provider_org = $4) AND ($5::text IS NULL OR matter = $5)
        AND ($6::text IS NULL OR holder = $6) AND ($7::uuid IS NULL OR id < $7)
    ORDER BY id DESC LIMIT $8)
) AS mine
ORDER BY id DESC LIMIT $8;

-- grant_of(application_id)
-- once it was approved or provided
SELECT id FROM authz.data_grant WHERE application_id = $1;

-- is_client_of(client_id, org)
-- inside the transaction that files, so that a disabled system cannot slip in
SELECT true FROM identity.live_client WHERE id = $1 AND org = $2;

-- add_version(application_id, form_version, form, because, written_by, written_at, document, sm3)
-- a version is never changed
INSERT INTO authz.application_form (
    application_id, form_version, form, because, written_by, written_at, document, document_sm3
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- application_document(application_id, form_version)
-- what the requesting department stamps
SELECT document, document_sm3 AS sm3, written_at AS made_at
FROM authz.application_form WHERE application_id = $1 AND form_version = $2;

-- document_digests(application_id, form_version)
-- of the form as it stands, and of the decision that took effect
SELECT f.document_sm3 AS applied, d.sm3 AS decided
FROM authz.application_form f
LEFT JOIN authz.decision_document d ON d.application_id = f.application_id AND d.effective_at IS NOT NULL
WHERE f.application_id = $1 AND f.form_version = $2;

-- draft_decision(application_id, sm3, act, document, by, at)
-- drafted again as it read before, it is the latest once more
INSERT INTO authz.decision_document (application_id, sm3, act, document, drafted_by, made_at, drafted_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (application_id, sm3) DO UPDATE SET drafted_at = excluded.drafted_at;

-- decision_document(application_id)
-- the one that took effect, else the latest draft
SELECT document, sm3, made_at, effective_at
FROM authz.decision_document WHERE application_id = $1
ORDER BY effective_at IS NOT NULL DESC, drafted_at DESC LIMIT 1;

-- take_effect(application_id, sm3, at)
-- once for each application
UPDATE authz.decision_document SET effective_at = $3 WHERE application_id = $1 AND sm3 = $2;

-- versions(application_id)
-- few: each is a change somebody made by hand
SELECT form_version, form, because, written_by, written_at
FROM authz.application_form WHERE application_id = $1 ORDER BY form_version;

-- add_authorisation(id, resource_id, provider_org, scope, sign_off, given_by, given_at)
-- the one before was ended in the same transaction
INSERT INTO authz.standing_authorisation (id, resource_id, provider_org, scope, sign_off, given_by, given_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- authorisation_of(resource_id)
-- the one in force
SELECT id, resource_id, provider_org, scope, sign_off, given_by, given_at
FROM authz.standing_authorisation WHERE resource_id = $1 AND ended_at IS NULL;

-- end_authorisation(resource_id, by, at)
-- kept as it was given
UPDATE authz.standing_authorisation SET ended_by = $2, ended_at = $3 WHERE resource_id = $1 AND ended_at IS NULL;

-- decided_for(consumer_org, resource_id, purpose, client_id)
-- what the provider itself agreed to for other systems of the department; few, and compared by hand
SELECT a.id AS application_id, g.terms, a.decided_at, a.decision -> 'sign_off' AS sign_off
FROM authz.data_grant g
JOIN authz.application a ON a.id = g.application_id
WHERE g.consumer_org = $1 AND g.resource_id = $2 AND g.purpose = $3 AND g.client_id <> $4
    AND g.state = 'active' AND a.state = 'approved'
ORDER BY g.id DESC LIMIT 20;

-- add_to_bulk(bulk_id, place, application_id, filed_org)
-- in the order of the request
INSERT INTO authz.bulk_item (bulk_id, place, application_id, filed_org) VALUES ($1, $2, $3, $4);

-- bulk(bulk_id)
-- at most two hundred
SELECT application_id, filed_org FROM authz.bulk_item WHERE bulk_id = $1 ORDER BY place;
