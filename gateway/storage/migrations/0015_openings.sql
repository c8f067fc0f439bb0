-- Who outside government gets data, on what terms; and equal terms for everybody.

CREATE SCHEMA reports;

CREATE TABLE reports.recipient (
    id uuid CONSTRAINT a_recipient_is_registered_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_recipient_gets_a_resource REFERENCES catalog.resource,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT a_recipient_has_a_provider REFERENCES identity.org,
    recipient_org text COLLATE "C" NOT NULL,
    recipient_name text NOT NULL,
    basis text NOT NULL,
    terms text NOT NULL,
    fee_yuan numeric(14, 2) NOT NULL,
    fee_basis text,
    registered_by text COLLATE "C" NOT NULL,
    registered_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_recipient_lies_outside_government CHECK (recipient_org !~ '^1'),
    CONSTRAINT a_fee_is_not_negative CHECK (fee_yuan >= 0),
    CONSTRAINT an_end_has_its_reason CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE UNIQUE INDEX a_recipient_stands_once_per_resource ON reports.recipient (resource_id, recipient_org)
    WHERE ended_at IS NULL;
CREATE INDEX recipients_of_a_provider ON reports.recipient (provider_org, id DESC);

CREATE TABLE reports.equal_terms (
    resource_id uuid CONSTRAINT equal_terms_are_declared_once PRIMARY KEY
        CONSTRAINT equal_terms_are_of_a_resource REFERENCES catalog.resource,
    notice text NOT NULL,
    declared_by text COLLATE "C" NOT NULL,
    declared_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL
);
