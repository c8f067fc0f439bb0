-- Tokens that are refused though they verify: by their id, by whom they were issued to, by what proved that system.

CREATE TABLE identity.revocation (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    issued_until timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT a_revocation_stands_once PRIMARY KEY (kind, id),
    CONSTRAINT a_revocation_is_of_a_known_kind CHECK (kind IN ('token', 'subject', 'prover'))
);
CREATE INDEX revocations_by_end ON identity.revocation (ends_at);

-- Its one row counts the changes: what a process asks for, once a second, to know that nothing changed.
CREATE TABLE identity.revocation_count (
    id integer CONSTRAINT the_count_is_one PRIMARY KEY DEFAULT 1,
    changes bigint NOT NULL DEFAULT 0,
    CONSTRAINT no_second_count CHECK (id = 1)
);
INSERT INTO identity.revocation_count DEFAULT VALUES;
