-- add_session(id, token_hash, login, method, provider, second_factor, address, started_at, expires_at)
-- the token itself is never stored
INSERT INTO identity.session
    (id, token_hash, login, method, provider, second_factor, address, started_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9);

-- find_bearer(token_hash, now, idle_since)
-- the session in force with the person as they stand now, in one row: asked on every request
SELECT s.id, s.login, s.method, s.provider, s.second_factor, s.address, s.started_at, s.seen_at, s.expires_at,
    p.org, p.active,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles
FROM identity.session s JOIN identity.person p ON p.login = s.login
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.seen_at > $3;

-- see_session(id, now)
-- at most once a minute each: a request need not wait for a write
UPDATE identity.session SET seen_at = $2 WHERE id = $1 AND ended_at IS NULL AND seen_at < $2;

-- sessions_of(login, now, idle_since)
-- those in force, newest first
SELECT id, login, method, provider, second_factor, address, started_at, seen_at, expires_at
FROM identity.session
WHERE login = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 ORDER BY started_at DESC, id DESC;

-- end_session(id, login, because)
-- one's own only, once
UPDATE identity.session SET ended_at = now(), ended_because = $3
WHERE id = $1 AND login = $2 AND ended_at IS NULL RETURNING id;

-- end_sessions(login, because, provider)
-- all of a person, or those one provider vouched for
UPDATE identity.session SET ended_at = now(), ended_because = $2
WHERE login = $1 AND ended_at IS NULL AND ($3::text IS NULL OR provider = $3) RETURNING id;

-- forget_sessions(before)
-- what was is in the audit log
DELETE FROM identity.session WHERE expires_at < $1;
