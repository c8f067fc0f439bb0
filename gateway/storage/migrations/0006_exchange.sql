-- What calls use up.

CREATE SCHEMA exchange;

CREATE TABLE exchange.quota_day (
    grant_id uuid NOT NULL CONSTRAINT quota_belongs_to_a_grant REFERENCES authz.data_grant,
    day date NOT NULL,
    used integer NOT NULL,
    CONSTRAINT quota_is_counted_once_per_day PRIMARY KEY (grant_id, day),
    CONSTRAINT quota_used_is_positive CHECK (used > 0)
) WITH (fillfactor = 50);
