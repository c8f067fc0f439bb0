-- Departments, people, application systems and the gateway's own signing keys.

CREATE SCHEMA identity;

CREATE TABLE identity.org (
    code text COLLATE "C" CONSTRAINT an_org_is_registered_once PRIMARY KEY,
    name text NOT NULL CONSTRAINT an_org_name_is_unique UNIQUE,
    region text COLLATE "C" NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT an_org_code_has_18_signs CHECK (code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    CONSTRAINT a_region_has_6_digits CHECK (region ~ '^[0-9]{6}$')
);

CREATE TABLE identity.person (
    login text COLLATE "C" CONSTRAINT a_login_is_unique PRIMARY KEY,
    name text NOT NULL,
    org text COLLATE "C" NOT NULL CONSTRAINT a_person_belongs_to_an_org REFERENCES identity.org,
    active boolean NOT NULL DEFAULT true,
    registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity.person_role (
    login text COLLATE "C" NOT NULL CONSTRAINT a_role_belongs_to_a_person REFERENCES identity.person,
    role text COLLATE "C" NOT NULL,
    CONSTRAINT a_role_is_held_once PRIMARY KEY (login, role),
    CONSTRAINT a_role_is_known
        CHECK (role IN ('requester', 'provider', 'platform_admin', 'security_admin', 'auditor'))
);

-- GB/T 22239 三权分立: the database itself refuses a second of the three powers.
CREATE UNIQUE INDEX no_person_holds_two_of_three_powers ON identity.person_role (login)
    WHERE role IN ('platform_admin', 'security_admin', 'auditor');

CREATE TABLE identity.client (
    id text COLLATE "C" CONSTRAINT a_client_id_is_unique PRIMARY KEY,
    name text NOT NULL,
    org text COLLATE "C" NOT NULL CONSTRAINT a_client_belongs_to_an_org REFERENCES identity.org,
    active boolean NOT NULL DEFAULT true,
    registered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identity.client_key (
    client_id text COLLATE "C" NOT NULL CONSTRAINT a_key_belongs_to_a_client REFERENCES identity.client,
    kid text COLLATE "C" NOT NULL,
    jwk jsonb NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    CONSTRAINT a_client_key_is_registered_once PRIMARY KEY (kid)
);
CREATE INDEX keys_of_a_client ON identity.client_key (client_id);

-- Logged on purpose: a crash must not forget which assertions were used.
CREATE TABLE identity.assertion_seen (
    client_id text COLLATE "C" NOT NULL,
    jti text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT an_assertion_is_used_once PRIMARY KEY (client_id, jti)
);
CREATE INDEX assertions_by_expiry ON identity.assertion_seen (expires_at);

CREATE TABLE identity.signing_key (
    kid text COLLATE "C" CONSTRAINT a_signing_key_is_unique PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    private_wrapped bytea NOT NULL,
    active_from timestamptz NOT NULL,
    retired_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT a_revoked_signing_key_is_retired CHECK (revoked_at IS NULL OR retired_at IS NOT NULL)
);
CREATE UNIQUE INDEX one_signing_key_is_in_use ON identity.signing_key ((true)) WHERE retired_at IS NULL;

-- What other rooms may ask about clients.
CREATE VIEW identity.live_client AS SELECT id, org FROM identity.client WHERE active;
