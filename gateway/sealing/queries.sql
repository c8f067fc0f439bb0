-- add_seal(id, es_id, vid, org, name, format, maker, signers, content, sha256, created_at, starts_at, ends_at, report, registered_by, registered_at, event_id, event_digest)
-- always in force; its first change is added with it
INSERT INTO sealing.seal (
    id, es_id, vid, org, name, format, maker, signers, content, sha256, created_at, starts_at, ends_at, report,
    registered_by, registered_at, event_id, event_digest, status
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'in_force');

-- add_change(seal_id, number, status, since, reason, changed_by, changed_at, event_id)
-- the history is only ever added to
INSERT INTO sealing.seal_change (seal_id, number, status, since, reason, changed_by, changed_at, event_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- set_status(id, status, event_id, event_digest)
-- as the latest change says
UPDATE sealing.seal SET status = $2, event_id = $3, event_digest = $4 WHERE id = $1;

-- find_seal(id)
-- in any status
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal WHERE id = $1;

-- lock_seal(id)
-- two changes of one seal follow each other
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal WHERE id = $1 FOR UPDATE;

-- seal_of_stamp(sha256, es_id, vid)
-- these very bytes if they are registered, else the seal in use under that esID
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal WHERE sha256 = $1 OR (es_id = $2 AND vid = $3)
ORDER BY sha256 = $1 DESC, status <> 'revoked' DESC, id DESC LIMIT 1;

-- seal_of_signer(signer, org)
-- of several seals that name a certificate: one of the acting department, one in force
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal WHERE signers @> ARRAY[$1::bytea]
ORDER BY org = $2 DESC, status = 'in_force' DESC, id DESC LIMIT 1;

-- content_of(id)
-- the seal's bytes as registered
SELECT content FROM sealing.seal WHERE id = $1;

-- changes_of(ids)
-- oldest first
SELECT seal_id, number, status, since, reason, changed_by, changed_at, event_id
FROM sealing.seal_change WHERE seal_id = ANY($1) ORDER BY seal_id, number;

-- seals_by_id(ids)
-- in any status
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal WHERE id = ANY($1);

-- holders()
-- whose every seal ever registered is; a seal in use comes after a revoked one of the same esID
SELECT es_id, vid, org FROM sealing.seal ORDER BY (status <> 'revoked'), registered_at;

-- list_seals(org, status, after, count)
-- newest first
SELECT id, es_id, vid, org, name, format, maker, signers, sha256, created_at, starts_at, ends_at, status,
    registered_by, registered_at, event_id, event_digest
FROM sealing.seal
WHERE ($1::text IS NULL OR org = $1) AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4;
