-- add_org(code, name, region)
-- a department enters once
INSERT INTO identity.org (code, name, region) VALUES ($1, $2, $3);

-- find_org(code)
-- by 统一社会信用代码
SELECT code, name, region, registered_at FROM identity.org WHERE code = $1;

-- list_orgs(after, count)
-- keyset pages by code
SELECT code, name, region, registered_at FROM identity.org
WHERE ($1::text IS NULL OR code > $1) ORDER BY code LIMIT $2;

-- add_person(login, name, org)
-- roles follow in the same transaction
INSERT INTO identity.person (login, name, org) VALUES ($1, $2, $3);

-- add_role(login, role)
-- the unique index refuses a second separated power
INSERT INTO identity.person_role (login, role) VALUES ($1, $2);

-- drop_roles(login)
-- before the new set is written, in one transaction
DELETE FROM identity.person_role WHERE login = $1;

-- find_person(login)
-- with roles, in one row
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles
FROM identity.person p WHERE p.login = $1;

-- lock_person(login)
-- so that two changes of one person follow each other
SELECT login FROM identity.person WHERE login = $1 FOR UPDATE;

-- list_people(org, after, count)
-- all departments when org is null
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles
FROM identity.person p
WHERE ($1::text IS NULL OR p.org = $1) AND ($2::text IS NULL OR p.login > $2) ORDER BY p.login LIMIT $3;

-- any_person()
-- whether the installation was ever set up
SELECT EXISTS (SELECT FROM identity.person);

-- disable_person(login)
-- effective on the next request: roles are read on each
UPDATE identity.person SET active = false WHERE login = $1 AND active RETURNING login;

-- add_client(id, name, org)
-- keys follow in the same transaction
INSERT INTO identity.client (id, name, org) VALUES ($1, $2, $3);

-- add_key(client_id, kid, jwk)
-- a key belongs to one client for ever, also after its revocation
INSERT INTO identity.client_key (client_id, kid, jwk) VALUES ($1, $2, $3);

-- find_client(id)
-- without keys
SELECT id, name, org, active, registered_at FROM identity.client WHERE id = $1;

-- keys_of(client_id)
-- revoked ones included, for the record
SELECT kid, jwk, added_at, revoked_at FROM identity.client_key WHERE client_id = $1 ORDER BY added_at, kid;

-- list_clients(org, after, count)
-- all departments when org is null
SELECT id, name, org, active, registered_at FROM identity.client
WHERE ($1::text IS NULL OR org = $1) AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3;

-- revoke_key(client_id, kid)
-- once
UPDATE identity.client_key SET revoked_at = now()
WHERE client_id = $1 AND kid = $2 AND revoked_at IS NULL RETURNING kid;

-- disable_client(id)
-- its tokens end with the next call: calls join live_client
UPDATE identity.client SET active = false WHERE id = $1 AND active RETURNING id;

-- live_key(client_id, kid)
-- the key, if both it and its client are in force, with the certificate it came with
SELECT k.jwk, c.org, k.certificate FROM identity.client_key k JOIN identity.client c ON c.id = k.client_id
WHERE c.id = $1 AND k.kid = $2 AND c.active AND k.revoked_at IS NULL;

-- client_key(client_id, kid)
-- in force or not: the signature is looked at first, and whether it still counts is said by use_assertion
SELECT jwk FROM identity.client_key WHERE client_id = $1 AND kid = $2;

-- use_assertion(client_id, kid, jti, expires_at)
-- one statement says that system and key are in force and that this is the first use
WITH live AS (
    SELECT c.org, k.certificate FROM identity.client_key k JOIN identity.client c ON c.id = k.client_id
    WHERE c.id = $1 AND k.kid = $2 AND c.active AND k.revoked_at IS NULL
), used AS (
    INSERT INTO identity.assertion_seen (client_id, jti, expires_at) SELECT $1, $3, $4 FROM live
    ON CONFLICT DO NOTHING RETURNING jti
)
SELECT live.org, live.certificate FROM live, used;

-- assertion_was_used(client_id, jti)
-- looked up without using it
SELECT EXISTS (SELECT FROM identity.assertion_seen WHERE client_id = $1 AND jti = $2);

-- forget_assertions()
-- an expired assertion is refused by its own time
DELETE FROM identity.assertion_seen WHERE expires_at < now() - interval '1 hour';

-- add_signing_key(kid, public_jwk, private_wrapped, seconds)
-- at most one key is the last: the partial index orders two rotations at once
INSERT INTO identity.signing_key (kid, public_jwk, private_wrapped, active_from)
VALUES ($1, $2, $3, now() + make_interval(secs => $4));

-- retire_signing_keys(seconds)
-- before the next one is added, in one transaction; the present one signs until that takes over
UPDATE identity.signing_key SET retired_at = now() + make_interval(secs => $1) WHERE retired_at IS NULL RETURNING kid;

-- lock_signing_keys()
-- two changes of the keys follow each other; locked rows would leave out the key that the other one adds
SELECT pg_advisory_xact_lock(hashtext('identity.signing_key'));

-- keep_current_key()
-- the one announced to follow it is gone
UPDATE identity.signing_key SET retired_at = NULL WHERE retired_at > now();

-- announced_key()
-- the one that is published but does not sign yet
SELECT kid FROM identity.signing_key WHERE retired_at IS NULL AND active_from > now();

-- promote_announced_key()
-- callers have had time to learn of it
UPDATE identity.signing_key SET active_from = now() WHERE retired_at IS NULL AND active_from > now() RETURNING kid;

-- retire_all_but(kid)
-- what was to sign until the announced key took over
UPDATE identity.signing_key SET retired_at = now() WHERE kid <> $1 AND retired_at > now() RETURNING kid;

-- revoke_signing_key(kid)
-- published no more, and what it signed is refused
UPDATE identity.signing_key SET revoked_at = now(), retired_at = least(retired_at, now())
WHERE kid = $1 AND revoked_at IS NULL RETURNING kid;

-- wrapped_key(kid)
-- the private part under the vault: the control zone only
SELECT private_wrapped FROM identity.signing_key WHERE kid = $1;

-- signing_keys(longest_token_seconds)
-- the announced and the current key, and retired ones until the last token they signed has expired
SELECT kid, public_jwk, active_from, retired_at,
    active_from <= now() AND (retired_at IS NULL OR retired_at > now()) AS is_current
FROM identity.signing_key
WHERE revoked_at IS NULL AND (retired_at IS NULL OR retired_at > now() - make_interval(secs => $1))
ORDER BY active_from DESC, kid;

-- revocation_changes()
-- grows with every revocation
SELECT changes FROM identity.revocation_count;

-- revocations()
-- all that may still concern a valid token
SELECT kind, id, extract(epoch FROM issued_until)::bigint AS issued_until FROM identity.revocation
WHERE ends_at > now();

-- revoke(kind, id, issued_until, seconds)
-- the later of two of the same counts
INSERT INTO identity.revocation AS r (kind, id, issued_until, ends_at)
VALUES ($1, $2, to_timestamp($3), now() + make_interval(secs => $4))
ON CONFLICT ON CONSTRAINT a_revocation_stands_once DO UPDATE
SET issued_until = greatest(r.issued_until, excluded.issued_until), ends_at = greatest(r.ends_at, excluded.ends_at);

-- count_revocation()
-- the row's lock puts changes in the order of their commits: who sees the count sees what it counts
UPDATE identity.revocation_count SET changes = changes + 1;

-- forget_revocations()
-- the tokens have expired by themselves
DELETE FROM identity.revocation WHERE ends_at < now();

-- use_proof(digest, nonce_at)
-- nothing comes back when it was used before, or when its nonce is not clearly younger than an emptied store
INSERT INTO identity.proof_seen (digest)
SELECT $1 FROM identity.proof_store WHERE since < to_timestamp($2) - interval '2 seconds'
ON CONFLICT DO NOTHING RETURNING digest;

-- open_proof_store()
-- the first to meet an emptied store says from when on it knows
INSERT INTO identity.proof_store (since) VALUES (clock_timestamp()) ON CONFLICT DO NOTHING;

-- proof_store_is_younger(nonce_at)
-- whether proofs over this nonce may have been used without its knowing
SELECT since >= to_timestamp($1) - interval '2 seconds' AS younger FROM identity.proof_store;

-- proof_can_be_used(digest, nonce_at)
-- what use_proof would say
SELECT EXISTS (SELECT FROM identity.proof_store WHERE since < to_timestamp($2) - interval '2 seconds')
    AND NOT EXISTS (SELECT FROM identity.proof_seen WHERE digest = $1);

-- forget_proofs(seconds)
-- by then a proof is refused by its own time
DELETE FROM identity.proof_seen WHERE seen_at < now() - make_interval(secs => $1);
