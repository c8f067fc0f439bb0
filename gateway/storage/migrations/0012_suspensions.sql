-- What is held against a grant (Decree 809 Art. 27), and what a provider planned, consulted on and filed.

CREATE TABLE authz.suspension (
    id uuid CONSTRAINT a_suspension_is_made_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_suspension_is_of_a_grant REFERENCES authz.data_grant,
    side text COLLATE "C" NOT NULL CONSTRAINT a_side_is_known CHECK (side IN ('provider', 'authority')),
    ground text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL,
    rectify jsonb,
    suspended_by text COLLATE "C" NOT NULL,
    suspended_at timestamptz NOT NULL,
    answer text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    lifted_because text,
    lifted_by text COLLATE "C",
    lifted_at timestamptz
);
CREATE INDEX suspensions_of_a_grant ON authz.suspension (grant_id, id);
CREATE UNIQUE INDEX one_suspension_per_side_is_open ON authz.suspension (grant_id, side) WHERE lifted_at IS NULL;

CREATE TABLE authz.service_change (
    id uuid CONSTRAINT a_service_change_is_opened_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_service_change_is_of_a_grant REFERENCES authz.data_grant,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CONSTRAINT a_change_kind_is_known CHECK (kind IN ('end', 'change')),
    reason text NOT NULL,
    planned_on date NOT NULL,
    answer_until date NOT NULL,
    opened_by text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    agrees boolean,
    answer text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    filing text,
    filed_by text COLLATE "C",
    filed_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL
);
CREATE UNIQUE INDEX one_consultation_per_grant_is_open ON authz.service_change (grant_id) WHERE filed_at IS NULL;
CREATE INDEX service_changes_of_a_grant ON authz.service_change (grant_id);
CREATE INDEX grants_for_a_resource ON authz.data_grant (resource_id) WHERE state IN ('active', 'suspended');
