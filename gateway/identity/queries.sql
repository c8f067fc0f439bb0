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
-- the key, if both it and its client are in force
SELECT k.jwk, c.org, k.certificate FROM identity.client_key k JOIN identity.client c ON c.id = k.client_id
WHERE c.id = $1 AND k.kid = $2 AND c.active AND k.revoked_at IS NULL;

-- use_assertion(client_id, jti, expires_at)
-- nothing comes back when it was used before
INSERT INTO identity.assertion_seen (client_id, jti, expires_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING RETURNING jti;

-- forget_assertions()
-- an expired assertion is refused by its own time
DELETE FROM identity.assertion_seen WHERE expires_at < now() - interval '1 hour';

-- add_signing_key(kid, public_jwk, private_wrapped)
-- at most one key is in use: the partial index orders two rotations at once
INSERT INTO identity.signing_key (kid, public_jwk, private_wrapped, active_from) VALUES ($1, $2, $3, now());

-- retire_signing_keys()
-- before the next one is added, in one transaction
UPDATE identity.signing_key SET retired_at = now() WHERE retired_at IS NULL RETURNING kid;

-- current_signing_key()
-- with its wrapped private part: the control zone only
SELECT kid, public_jwk, private_wrapped FROM identity.signing_key WHERE retired_at IS NULL;

-- public_keys(longest_token_seconds)
-- the current key, and retired ones until the last token they signed has expired
SELECT kid, public_jwk, retired_at FROM identity.signing_key
WHERE retired_at IS NULL OR retired_at > now() - make_interval(secs => $1) ORDER BY active_from DESC;
