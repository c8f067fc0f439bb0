-- People vouched for by identity providers of upper levels.

CREATE TABLE identity.account (
    id uuid CONSTRAINT an_account_is_unique PRIMARY KEY,
    login text COLLATE "C" NOT NULL CONSTRAINT an_account_belongs_to_a_person REFERENCES identity.person,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    linked_by text COLLATE "C" NOT NULL,
    linked_at timestamptz NOT NULL,
    CONSTRAINT a_subject_stands_for_one_person UNIQUE (issuer, subject),
    CONSTRAINT a_person_has_one_account_with_an_issuer UNIQUE (login, issuer)
);

-- Logged on purpose: a crash must not forget which tickets were used.
CREATE TABLE identity.ticket_used (
    digest bytea CONSTRAINT a_ticket_is_used_once PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX used_tickets_by_expiry ON identity.ticket_used (expires_at);
