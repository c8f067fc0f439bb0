-- add_account(id, login, issuer, subject, linked_by, linked_at)
-- a subject stands for one person, a person has one account with an issuer
INSERT INTO identity.account (id, login, issuer, subject, linked_by, linked_at) VALUES ($1, $2, $3, $4, $5, $6);

-- drop_account(id, login)
-- once
DELETE FROM identity.account WHERE id = $1 AND login = $2
RETURNING id, login, issuer, subject, linked_by, linked_at;

-- accounts_of(login)
-- oldest first
SELECT id, login, issuer, subject, linked_by, linked_at FROM identity.account WHERE login = $1 ORDER BY linked_at, id;

-- find_login(issuer, subject)
-- who a verified ID token stands for
SELECT login FROM identity.account WHERE issuer = $1 AND subject = $2;

-- use_ticket(digest, expires_at)
-- nothing comes back when it was used before, by whichever process
INSERT INTO identity.ticket_used (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING digest;

-- forget_tickets(now)
-- an expired one is refused by its own time
DELETE FROM identity.ticket_used WHERE expires_at < $1;
