-- DPoP proofs that were used: UNLOGGED, so that remembering one costs no flush. A crash or failover empties both tables
-- together; without its one row, proof_store says that everything known before is gone.

CREATE UNLOGGED TABLE identity.proof_seen (
    digest bytea CONSTRAINT a_proof_is_used_once PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX proofs_by_age ON identity.proof_seen (seen_at);

CREATE UNLOGGED TABLE identity.proof_store (
    id integer CONSTRAINT the_store_is_one PRIMARY KEY DEFAULT 1,
    since timestamptz NOT NULL,
    CONSTRAINT no_second_store CHECK (id = 1)
);
INSERT INTO identity.proof_store (since) VALUES ('-infinity');
