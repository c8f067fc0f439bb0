-- Departments' electronic seals and how they stood at any time.

CREATE SCHEMA sealing;

CREATE TABLE sealing.seal (
    id uuid PRIMARY KEY,
    es_id text COLLATE "C" NOT NULL,
    vid text COLLATE "C" NOT NULL,
    org text COLLATE "C" NOT NULL CONSTRAINT a_seal_has_a_holder REFERENCES identity.org,
    name text NOT NULL,
    format text COLLATE "C" NOT NULL CONSTRAINT a_seal_has_a_known_format CHECK (format IN ('1', '4', '5')),
    maker text NOT NULL,
    signers bytea[] NOT NULL,
    content bytea NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT a_seal_is_registered_once UNIQUE,
    created_at timestamptz NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    report jsonb NOT NULL,
    status text COLLATE "C" NOT NULL,
    registered_by text COLLATE "C" NOT NULL,
    registered_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_seal_status_is_known CHECK (status IN ('in_force', 'suspended', 'lost', 'revoked'))
);
CREATE UNIQUE INDEX a_seal_id_is_in_use_once ON sealing.seal (es_id, vid) WHERE status <> 'revoked';
CREATE INDEX seals_by_es_id ON sealing.seal (es_id, vid);
CREATE INDEX seals_by_signer ON sealing.seal USING gin (signers);
CREATE INDEX seals_of_an_org ON sealing.seal (org, id DESC);

CREATE TABLE sealing.seal_change (
    seal_id uuid NOT NULL CONSTRAINT a_change_is_of_a_seal REFERENCES sealing.seal,
    number integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    reason text NOT NULL,
    changed_by text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT a_seal_has_each_change_once PRIMARY KEY (seal_id, number),
    CONSTRAINT a_seal_change_is_known CHECK (status IN ('in_force', 'suspended', 'lost', 'revoked')),
    CONSTRAINT a_change_is_not_of_tomorrow CHECK (since <= changed_at)
);

-- Stamps on documents of applications, and what their examinations came to. Rows are only ever added.

CREATE TABLE sealing.stamp (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    application_id uuid NOT NULL,
    document_sm3 bytea NOT NULL,
    org text COLLATE "C" NOT NULL CONSTRAINT a_stamp_is_of_an_org REFERENCES identity.org,
    content bytea NOT NULL,
    sha256 bytea NOT NULL,
    filed_by text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_stamp_kind_is_known CHECK (kind IN ('application', 'decision')),
    CONSTRAINT a_stamp_is_filed_once UNIQUE (application_id, kind, document_sm3, sha256)
);

CREATE TABLE sealing.examination (
    stamp_id uuid NOT NULL CONSTRAINT an_examination_is_of_a_stamp REFERENCES sealing.stamp,
    number integer NOT NULL,
    seal_id uuid CONSTRAINT an_examination_names_a_seal REFERENCES sealing.seal,
    verdict text COLLATE "C" NOT NULL,
    report jsonb NOT NULL,
    report_sha256 bytea NOT NULL,
    evidence bytea[] NOT NULL,
    examined_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT a_stamp_has_each_examination_once PRIMARY KEY (stamp_id, number),
    CONSTRAINT a_verdict_is_known CHECK (verdict IN ('valid', 'invalid', 'indeterminate'))
);

-- revocation lists and OCSP responses
CREATE TABLE sealing.evidence (
    sha256 bytea CONSTRAINT evidence_of_a_stamp_is_kept_once PRIMARY KEY,
    content bytea NOT NULL,
    kept_at timestamptz NOT NULL
);
