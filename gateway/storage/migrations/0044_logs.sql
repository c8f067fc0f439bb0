-- Logs this database went on with after it was put back from a backup. The first log has the number 1 and no row; each later
-- one takes over the records that are there, under an origin and a key of its own, and begins with the record at first_idx.
CREATE TABLE audit.log (
    number integer CONSTRAINT a_log_has_one_number PRIMARY KEY,
    first_idx bigint NOT NULL CONSTRAINT a_log_begins_once UNIQUE,
    retired bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    CONSTRAINT the_first_log_has_no_row CHECK (number >= 2),
    CONSTRAINT a_log_begins_in_the_ledger CHECK (first_idx >= 0),
    CONSTRAINT a_retired_checkpoint_fits CHECK (octet_length(retired) BETWEEN 1 AND 65536)
);
COMMENT ON COLUMN audit.log.retired IS 'the last checkpoint that is known of the log before, as it was signed';

CREATE TRIGGER log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.log
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
