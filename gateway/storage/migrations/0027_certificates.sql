-- Certificates of application systems, and the revocation information they were judged by (多 CA 互认).

CREATE TABLE identity.client_certificate (
    thumbprint text COLLATE "C" CONSTRAINT a_certificate_is_registered_once PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL CONSTRAINT a_certificate_belongs_to_a_client REFERENCES identity.client,
    der bytea NOT NULL,
    others bytea[] NOT NULL,
    authority text COLLATE "C",
    binding text COLLATE "C" NOT NULL,
    named bytea NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    serial text COLLATE "C" NOT NULL,
    key_kind text COLLATE "C" NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    added_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT a_binding_is_known CHECK (binding IN ('certificate', 'subject', 'self_signed')),
    CONSTRAINT only_a_self_signed_certificate_has_no_authority CHECK ((binding = 'self_signed') = (authority IS NULL))
);
CREATE INDEX certificates_of_a_client ON identity.client_certificate (client_id);

-- A key that was registered with a certificate lives no longer than it.
ALTER TABLE identity.client_key ADD COLUMN certificate text COLLATE "C"
    CONSTRAINT a_key_comes_from_a_certificate REFERENCES identity.client_certificate;

-- Issuer and subject name one client for ever, where an authority's certificates are accepted by name.
CREATE TABLE identity.client_subject (
    named bytea CONSTRAINT a_subject_names_one_client PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL CONSTRAINT a_subject_belongs_to_a_client REFERENCES identity.client,
    authority text COLLATE "C" NOT NULL
);

-- Every list and answer that was brought or fetched, as it came; those relied on are kept for later re-checks.
CREATE TABLE identity.revocation_evidence (
    digest bytea CONSTRAINT evidence_is_kept_once PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    authority text COLLATE "C" NOT NULL,
    issuer bytea NOT NULL,
    scope text COLLATE "C" NOT NULL,
    number numeric,
    this_update timestamptz NOT NULL,
    next_update timestamptz,
    content bytea NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT evidence_is_a_list_or_an_answer CHECK (kind IN ('crl', 'ocsp'))
);
CREATE INDEX newest_evidence ON identity.revocation_evidence (kind, issuer, scope, this_update DESC);
CREATE INDEX evidence_by_time ON identity.revocation_evidence (received_at DESC, digest);

CREATE TABLE identity.revocation_use (
    digest bytea NOT NULL CONSTRAINT a_use_is_of_evidence REFERENCES identity.revocation_evidence,
    certificate bytea NOT NULL,
    revoked_at timestamptz,
    first_used_at timestamptz NOT NULL,
    CONSTRAINT a_use_is_recorded_once PRIMARY KEY (digest, certificate)
);

-- Whom TLS must let in although no authority vouches for them.
CREATE VIEW identity.live_self_signed AS
SELECT x.thumbprint, x.der FROM identity.client_certificate x JOIN identity.client c ON c.id = x.client_id
WHERE x.binding = 'self_signed' AND x.revoked_at IS NULL AND c.active;
