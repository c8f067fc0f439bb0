-- find_credential(login)
-- one row for whoever is registered, with or without a password, so that looking costs the same
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles,
    c.password_hash, c.factor_wrapped, coalesce(c.factor_step, 0) AS factor_step
FROM identity.person p LEFT JOIN identity.credential c ON c.login = p.login WHERE p.login = $1;

-- set_password(login, password_hash, now)
-- the second factor stays as it is
INSERT INTO identity.credential (login, password_hash, password_set_at) VALUES ($1, $2, $3)
ON CONFLICT (login) DO UPDATE SET password_hash = $2, password_set_at = $3;

-- set_factor(login, factor_wrapped, factor_step, now)
-- the step of the code that proved it is used already
UPDATE identity.credential SET factor_wrapped = $2, factor_step = $3, factor_set_at = $4 WHERE login = $1;

-- use_step(login, factor_step)
-- nothing comes back when this step or a later one was used before, by whichever process
UPDATE identity.credential SET factor_step = $2 WHERE login = $1 AND factor_step < $2 RETURNING login;

-- renew_hash(login, before, password_hash)
-- the same password under today's parameters
UPDATE identity.credential SET password_hash = $3 WHERE login = $1 AND password_hash = $2;

-- issue_invitation(login, code_hash, factor_wrapped, renews_factor, issued_by, issued_at, expires_at)
-- a newer one takes the place of the older
INSERT INTO identity.invitation (login, code_hash, factor_wrapped, renews_factor, issued_by, issued_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (login) DO UPDATE SET code_hash = $2, factor_wrapped = $3, renews_factor = $4, issued_by = $5,
    issued_at = $6, expires_at = $7;

-- find_invitation(login, code_hash, now)
-- in force only, and only of active people
SELECT p.login, p.name, p.org, p.active, p.registered_at,
    coalesce((SELECT array_agg(r.role) FROM identity.person_role r WHERE r.login = p.login), '{}') AS roles,
    i.factor_wrapped, i.renews_factor, i.expires_at, c.factor_wrapped IS NOT NULL AS holds_factor
FROM identity.invitation i JOIN identity.person p ON p.login = i.login
LEFT JOIN identity.credential c ON c.login = i.login
WHERE i.login = $1 AND i.code_hash = $2 AND i.expires_at > $3 AND p.active;

-- use_invitation(login, code_hash)
-- once
DELETE FROM identity.invitation WHERE login = $1 AND code_hash = $2 RETURNING login;

-- add_counter(counted_under, now, free_at)
-- so that there is a row to lock
INSERT INTO identity.attempt (counted_under, last_at, free_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- lock_counter(counted_under)
-- attempts at once follow each other
SELECT failures, last_at, free_at FROM identity.attempt WHERE counted_under = $1 FOR UPDATE;

-- count_attempt(counted_under, failures, now, free_at)
-- before the password is looked at, so that a thousand at once are no way round
UPDATE identity.attempt SET failures = $2, last_at = $3, free_at = $4 WHERE counted_under = $1;

-- clear_attempts(names)
-- the person got in
DELETE FROM identity.attempt WHERE counted_under = ANY($1::text[]);

-- uncount_attempt(counted_under)
-- this one was right; what others from the same address got wrong stays
UPDATE identity.attempt SET failures = greatest(failures - 1, 0) WHERE counted_under = $1;

-- forget_attempts(before)
-- made-up logins would fill the table
DELETE FROM identity.attempt WHERE last_at < $1 AND free_at < $1;
