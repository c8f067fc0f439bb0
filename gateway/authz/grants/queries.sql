-- add_grant(id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, daily_quota, per_minute, valid_from, valid_until, issued_at, event_id, event_digest)
-- one per application: the constraint refuses a second
INSERT INTO authz.data_grant (
    id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, daily_quota,
    per_minute, valid_from, valid_until, issued_at, event_id, event_digest, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'active', 1);

-- find_grant(id)
-- in any state
SELECT id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, state,
    because, held_by, version, issued_at, event_id, event_digest
FROM authz.data_grant WHERE id = $1;

-- lock_grant(id)
-- two acts on one grant follow each other
SELECT id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, state,
    because, held_by, version, issued_at, event_id, event_digest
FROM authz.data_grant WHERE id = $1 FOR UPDATE;

-- find_callable(client_id, service, today, named, purpose)
-- at most two: one is needed, two are ambiguous; with what a token says of its resource
SELECT g.id, g.application_id, g.consumer_org, g.provider_org, g.client_id, g.resource_id, g.service, g.purpose, g.terms,
    g.state, g.because, g.held_by, g.version, g.issued_at, g.event_id, g.event_digest, r.code AS item,
    r.version AS item_version, r.token_binding
FROM authz.callable_grant v JOIN authz.data_grant g ON g.id = v.id JOIN catalog.live_resource r ON r.id = g.resource_id
WHERE g.client_id = $1 AND g.service = $2 AND $3::date BETWEEN g.valid_from AND g.valid_until
    AND ($4::uuid IS NULL OR g.id = $4) AND ($5::text IS NULL OR g.purpose = $5)
ORDER BY g.id LIMIT 2;

-- is_callable(grant_id, today)
-- what the database can say: grant, system and resource live, today in its period
SELECT EXISTS (
    SELECT FROM authz.callable_grant WHERE id = $1 AND $2::date BETWEEN valid_from AND valid_until
);

-- grants_on_resource(resource_id, today)
-- those that have not ended, suspended ones too: they may be resumed
SELECT id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, state,
    because, held_by, version, issued_at, event_id, event_digest
FROM authz.data_grant WHERE resource_id = $1 AND state IN ('active', 'suspended') AND valid_until >= $2 ORDER BY id;

-- find_for_calls(client_id, service, named)
-- in any state, newest first; only the named one if one is named
SELECT id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, state,
    because, held_by, version, issued_at, event_id, event_digest
FROM authz.data_grant
WHERE client_id = $1 AND service = $2 AND ($3::uuid IS NULL OR id = $3) ORDER BY id DESC LIMIT 20;

-- find_callable_of(consumer_org, client_id, service, today, after, count)
-- what the database can say: in force today, system and resource live; quota and hours are looked at one by one
SELECT g.id, g.application_id, g.consumer_org, g.provider_org, g.client_id, g.resource_id, g.service, g.purpose, g.terms,
    g.state, g.because, g.held_by, g.version, g.issued_at, g.event_id, g.event_digest
FROM authz.callable_grant v JOIN authz.data_grant g ON g.id = v.id
WHERE g.consumer_org = $1 AND ($2::text IS NULL OR g.client_id = $2) AND ($3::text IS NULL OR g.service = $3)
    AND $4::date BETWEEN g.valid_from AND g.valid_until AND ($5::uuid IS NULL OR g.id < $5)
ORDER BY g.id DESC LIMIT $6;

-- move_grant(id, state, because, held_by, over_at, event_id, event_digest)
-- the version makes every process drop the plan it compiled
UPDATE authz.data_grant SET state = $2, because = $3, held_by = $4, over_at = $5, event_id = $6, event_digest = $7,
    version = version + 1
WHERE id = $1;

-- list_grants(org, state, after, count)
-- newest first; all departments when org is null
SELECT id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose, terms, state,
    because, held_by, version, issued_at, event_id, event_digest
FROM authz.data_grant
WHERE ($1::text IS NULL OR consumer_org = $1 OR provider_org = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;

-- resource_of(resource_id)
-- by which words the records of a grant name its resource, so that a search by either finds them
SELECT code, grade FROM catalog.resource WHERE id = $1::uuid;

-- region_of(org)
-- the division code parameters may be bound to
SELECT region FROM identity.org WHERE code = $1;
