-- in_turn()
-- two processes that fetched the same list take it in one after the other
SELECT pg_advisory_xact_lock(hashtextextended('identity.revocation_evidence', 0));

-- keep(digest, kind, authority, issuer, scope, number, this_update, next_update, content, source, received_at, event_id, event_digest)
-- the same bytes are kept once, whoever brings them
INSERT INTO identity.revocation_evidence
    (digest, kind, authority, issuer, scope, number, this_update, next_update, content, source, received_at, event_id, event_digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- find(digest)
-- without the bytes
SELECT digest, kind, authority, scope, number, this_update, next_update, octet_length(content) AS size, source, received_at
FROM identity.revocation_evidence WHERE digest = $1;

-- newest(kind, issuer, scope)
-- what a newer one is compared with
SELECT digest, kind, authority, scope, number, this_update, next_update, octet_length(content) AS size, source, received_at
FROM identity.revocation_evidence WHERE kind = $1 AND issuer = $2 AND scope = $3
ORDER BY this_update DESC, received_at DESC LIMIT 1;

-- newest_lists(issuers)
-- of each issuer and partition the list in force
SELECT DISTINCT ON (issuer, scope) digest, kind FROM identity.revocation_evidence
WHERE kind = 'crl' AND issuer = ANY($1::bytea[]) ORDER BY issuer, scope, this_update DESC, received_at DESC;

-- newest_answers(issuers, serials)
-- of each certificate, named by issuer and serial number, the answer in force
SELECT DISTINCT ON (e.issuer, e.scope) e.digest, e.kind FROM identity.revocation_evidence e
JOIN unnest($1::bytea[], $2::text[]) AS wanted (issuer, serial) ON wanted.issuer = e.issuer AND wanted.serial = e.scope
WHERE e.kind = 'ocsp' ORDER BY e.issuer, e.scope, e.this_update DESC, e.received_at DESC;

-- contents(digests)
-- for what a process does not hold in memory yet
SELECT digest, content FROM identity.revocation_evidence WHERE digest = ANY($1::bytea[]);

-- content(digest)
-- for whoever checks later
SELECT kind, content FROM identity.revocation_evidence WHERE digest = $1;

-- list(before, digest, count)
-- newest first
SELECT digest, kind, authority, scope, number, this_update, next_update, octet_length(content) AS size, source, received_at
FROM identity.revocation_evidence
WHERE $1::timestamptz IS NULL OR (received_at, digest) < ($1, $2::bytea)
ORDER BY received_at DESC, digest DESC LIMIT $3;

-- standing()
-- of each authority the newest evidence of each kind
SELECT authority, kind, max(this_update) AS this_update, max(next_update) AS next_update, max(received_at) AS received_at
FROM identity.revocation_evidence GROUP BY authority, kind ORDER BY authority, kind;

-- use(digest, certificate, revoked_at, used_at)
-- the first use counts: later ones say the same
INSERT INTO identity.revocation_use (digest, certificate, revoked_at, first_used_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING;

-- uses(digest)
-- the certificates judged by it
SELECT certificate, revoked_at, first_used_at FROM identity.revocation_use WHERE digest = $1 ORDER BY first_used_at LIMIT 200;

-- forget_superseded(kind, issuer, scope, at)
-- past, followed by a newer one, and never relied on
DELETE FROM identity.revocation_evidence e
WHERE e.kind = $1 AND e.issuer = $2 AND e.scope = $3 AND e.next_update < $4
AND NOT EXISTS (SELECT FROM identity.revocation_use u WHERE u.digest = e.digest)
AND EXISTS (SELECT FROM identity.revocation_evidence n
    WHERE n.kind = e.kind AND n.issuer = e.issuer AND n.scope = e.scope AND n.this_update > e.this_update);

-- in_force(authority, now)
-- about these its OCSP service is asked, and these a new list may revoke
SELECT x.thumbprint, x.der FROM identity.client_certificate x JOIN identity.client c ON c.id = x.client_id
WHERE x.authority = $1 AND x.revoked_at IS NULL AND x.not_after > $2 AND c.active ORDER BY x.thumbprint;
