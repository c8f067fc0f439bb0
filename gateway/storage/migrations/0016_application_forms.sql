-- Every version of an application's form, the first included: what was asked when, and what changed.

CREATE TABLE authz.application_form (
    application_id uuid NOT NULL CONSTRAINT a_form_belongs_to_an_application REFERENCES authz.application,
    form_version integer NOT NULL,
    form jsonb NOT NULL,
    document bytea NOT NULL, -- its canonical form (RFC 8785), which the department stamps
    document_sm3 bytea NOT NULL,
    because text,
    written_by text COLLATE "C" NOT NULL,
    written_at timestamptz NOT NULL,
    CONSTRAINT a_form_has_each_version_once PRIMARY KEY (application_id, form_version),
    CONSTRAINT a_change_has_its_reason CHECK ((form_version = 1) = (because IS NULL))
);
