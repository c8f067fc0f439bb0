-- How far the audit log was verified; the next one begins there.

CREATE TABLE audit.verification (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT a_verification_has_one_id PRIMARY KEY,
    from_size bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    counters jsonb NOT NULL,
    gone bigint NOT NULL,
    problem text COLLATE "C",
    idx bigint,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT a_verification_goes_forward CHECK (size >= 0 AND from_size >= 0),
    CONSTRAINT a_finding_has_a_place CHECK ((problem IS NULL) = (idx IS NULL))
);
CREATE TRIGGER verification_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.verification
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
