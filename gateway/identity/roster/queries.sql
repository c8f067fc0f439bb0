-- known_orgs(codes)
-- those of the rows that are registered
SELECT code FROM identity.org WHERE code = ANY($1::text[]);

-- known_people(logins)
-- locked in one order, so that two imports follow each other
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles
FROM identity.person p WHERE p.login = ANY($1::text[]) ORDER BY p.login FOR UPDATE;

-- known_clients(ids)
-- locked in one order
SELECT id, name, org, active, registered_at FROM identity.client WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE;

-- known_keys(ids, kids)
-- of the systems in the sheet, and of whoever has a key of the sheet
SELECT client_id, kid, jwk, added_at, revoked_at FROM identity.client_key
WHERE client_id = ANY($1::text[]) OR kid = ANY($2::text[]) ORDER BY added_at, kid;

-- rename_person(login, name)
-- the login stays: records name it
UPDATE identity.person SET name = $2 WHERE login = $1;

-- rename_client(id, name)
-- the id stays: records name it
UPDATE identity.client SET name = $2 WHERE id = $1;

-- all_people(count)
-- for the export
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles
FROM identity.person p ORDER BY p.org, p.login LIMIT $1;

-- all_clients(count)
-- for the export, without keys
SELECT id, name, org, active, registered_at FROM identity.client ORDER BY org, id LIMIT $1;
