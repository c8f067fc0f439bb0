-- How people sign in: passwords and second factors, one-time invitations, counted attempts, sessions.

CREATE TABLE identity.credential (
    login text COLLATE "C" CONSTRAINT a_credential_belongs_to_a_person PRIMARY KEY REFERENCES identity.person,
    password_hash text NOT NULL,
    password_set_at timestamptz NOT NULL,
    factor_wrapped bytea,
    factor_step bigint NOT NULL DEFAULT 0,
    factor_set_at timestamptz,
    CONSTRAINT a_password_is_kept_as_argon2id CHECK (password_hash LIKE '$argon2id$%')
);

-- One open invitation a person: a newer one takes the place of the older.
CREATE TABLE identity.invitation (
    login text COLLATE "C" CONSTRAINT an_invitation_is_for_a_person PRIMARY KEY REFERENCES identity.person,
    code_hash bytea NOT NULL CONSTRAINT an_invitation_code_is_used_once UNIQUE,
    factor_wrapped bytea NOT NULL,
    renews_factor boolean NOT NULL,
    issued_by text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT an_invitation_code_is_a_digest CHECK (octet_length(code_hash) = 32)
);

-- Attempts that have not succeeded, by what they were counted under.
CREATE TABLE identity.attempt (
    counted_under text COLLATE "C" CONSTRAINT attempts_are_counted_once PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL,
    free_at timestamptz NOT NULL
);
CREATE INDEX attempts_by_time ON identity.attempt (last_at);

CREATE TABLE identity.session (
    id uuid CONSTRAINT a_session_is_unique PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT a_session_token_is_unique UNIQUE,
    login text COLLATE "C" NOT NULL CONSTRAINT a_session_belongs_to_a_person REFERENCES identity.person,
    method text COLLATE "C" NOT NULL,
    provider text COLLATE "C",
    second_factor boolean NOT NULL,
    address text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text COLLATE "C",
    CONSTRAINT a_session_token_is_kept_as_a_digest CHECK (octet_length(token_hash) = 32),
    CONSTRAINT a_session_method_is_known CHECK (method IN ('password', 'provider')),
    CONSTRAINT a_provider_is_named_where_it_proved CHECK ((method = 'provider') = (provider IS NOT NULL)),
    CONSTRAINT an_ended_session_says_why CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX sessions_of_a_person ON identity.session (login) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON identity.session (expires_at);
