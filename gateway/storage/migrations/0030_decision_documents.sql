-- Decisions in their canonical form (RFC 8785), which the provider stamps: drafts, and the one that took effect.

CREATE TABLE authz.decision_document (
    application_id uuid NOT NULL CONSTRAINT a_decision_document_is_on_an_application REFERENCES authz.application,
    sm3 bytea NOT NULL,
    act text COLLATE "C" NOT NULL,
    document bytea NOT NULL,
    drafted_by text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL,
    drafted_at timestamptz NOT NULL,
    effective_at timestamptz,
    CONSTRAINT a_decision_is_drafted_once_as_it_reads PRIMARY KEY (application_id, sm3),
    CONSTRAINT a_decision_document_has_a_known_act CHECK (act IN ('approve', 'refuse'))
);
CREATE UNIQUE INDEX one_decision_takes_effect ON authz.decision_document (application_id) WHERE effective_at IS NOT NULL;
