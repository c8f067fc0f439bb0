-- Queries of the audit log that auditors kept, for themselves or for all auditors. Not evidence: a tool.
CREATE TABLE audit.saved_query (
    id uuid CONSTRAINT a_saved_query_has_one_id PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    name text NOT NULL,
    shared boolean NOT NULL,
    wanted jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    CONSTRAINT an_auditor_names_a_query_once UNIQUE (owner, name)
);
CREATE INDEX shared_queries ON audit.saved_query (id) WHERE shared;
