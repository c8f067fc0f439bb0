-- more_applications(number)
-- copies of the one approved application, for the copies of its grant to follow
INSERT INTO authz.application (id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class,
    route, state, rule_sets, form, filed_by, filed_at, reviewed_by, reviewed_at, closed_at, version, event_id, event_digest)
SELECT lpad(to_hex(n), 32, '0')::uuid, a.resource_id, a.resource_version, a.consumer_org, a.provider_org, a.client_id,
    a.sharing_class, a.route, a.state, a.rule_sets, a.form, a.filed_by, a.filed_at, a.reviewed_by, a.reviewed_at,
    a.closed_at, a.version, a.event_id, a.event_digest
FROM (SELECT min(id::text)::uuid AS id FROM authz.application) AS first
JOIN authz.application a ON a.id = first.id
CROSS JOIN generate_series(1, $1::integer) AS n;

-- more_grants(number)
-- copies of the one grant under services of other names, so that a token still finds exactly one
INSERT INTO authz.data_grant (id, application_id, consumer_org, provider_org, client_id, resource_id, service, purpose,
    terms, daily_quota, per_minute, valid_from, valid_until, state, version, issued_at, event_id, event_digest)
SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, g.consumer_org, g.provider_org, g.client_id,
    g.resource_id, g.service || n, g.purpose, g.terms, g.daily_quota, g.per_minute, g.valid_from, g.valid_until, g.state,
    g.version, g.issued_at, g.event_id, g.event_digest
FROM (SELECT id FROM authz.data_grant ORDER BY issued_at DESC LIMIT 1) AS first
JOIN authz.data_grant g ON g.id = first.id
CROSS JOIN generate_series(1, $1::integer) AS n;

-- counted_grants()
-- how many there are now
SELECT count(*) FROM authz.data_grant;

-- plan_for_them()
-- as autovacuum does within a minute
ANALYZE authz.application, authz.data_grant;
