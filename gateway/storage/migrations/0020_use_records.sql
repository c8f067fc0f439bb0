-- What requesters do with shared data (Decree 809 Art. 27, 29). Rows are only ever added.

CREATE TABLE authz.use_record (
    id uuid CONSTRAINT a_use_is_recorded_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_use_record_is_of_a_grant REFERENCES authz.data_grant,
    consumer_org text COLLATE "C" NOT NULL,
    begins date NOT NULL,
    ends date NOT NULL,
    scene text NOT NULL,
    process text NOT NULL,
    effect text NOT NULL,
    storage text NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    keep_until date NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT a_use_record_has_a_period CHECK (begins <= ends),
    CONSTRAINT a_use_record_is_kept_three_years
        CHECK (keep_until >= ((recorded_at AT TIME ZONE 'Asia/Shanghai')::date + interval '3 years')::date)
);
CREATE INDEX use_records_of_a_grant ON authz.use_record (grant_id, begins);

CREATE TABLE authz.disposal (
    id uuid CONSTRAINT a_disposal_is_recorded_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_disposal_is_of_a_grant REFERENCES authz.data_grant,
    consumer_org text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL CONSTRAINT a_method_is_known
        CHECK (method IN ('destroyed', 'returned', 'kept_by_law', 'nothing_kept')),
    account text NOT NULL,
    disposed_on date NOT NULL,
    witness text NOT NULL,
    recorded_by text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    keep_until date NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT a_disposal_is_kept_three_years
        CHECK (keep_until >= ((recorded_at AT TIME ZONE 'Asia/Shanghai')::date + interval '3 years')::date)
);
CREATE INDEX disposals_of_a_grant ON authz.disposal (grant_id);

-- Not even the owner changes or deletes one in passing: Art. 29 asks for three years at least.
CREATE FUNCTION authz.records_of_use_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records of use and disposal are never changed or deleted (Decree 809 Art. 29)';
END $$;
CREATE TRIGGER use_records_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON authz.use_record
    FOR EACH STATEMENT EXECUTE FUNCTION authz.records_of_use_stay();
CREATE TRIGGER disposals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON authz.disposal
    FOR EACH STATEMENT EXECUTE FUNCTION authz.records_of_use_stay();
