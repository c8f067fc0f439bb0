-- Attestation: the keys that seal decisions and receipts. Separate from those of tokens, and published for ever: what was
-- sealed is checked years later.
CREATE SCHEMA attestation;

CREATE TABLE attestation.seal_key (
    kid text COLLATE "C" CONSTRAINT a_seal_key_is_unique PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    private_wrapped bytea,
    active_from timestamptz NOT NULL,
    retired_at timestamptz
);
COMMENT ON COLUMN attestation.seal_key.private_wrapped IS 'null: the key is in a device';
CREATE UNIQUE INDEX one_seal_key_is_in_use ON attestation.seal_key ((true)) WHERE retired_at IS NULL;
