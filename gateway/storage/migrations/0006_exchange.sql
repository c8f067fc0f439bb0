-- What calls use up: per day, and within the last minute (minutes since 1970) in which one was made.

CREATE SCHEMA exchange;

CREATE TABLE exchange.quota_day (
    grant_id uuid NOT NULL CONSTRAINT quota_belongs_to_a_grant REFERENCES authz.data_grant,
    day date NOT NULL,
    used integer NOT NULL,
    minute integer NOT NULL,
    used_in_minute integer NOT NULL,
    CONSTRAINT quota_is_counted_once_per_day PRIMARY KEY (grant_id, day),
    CONSTRAINT quota_used_is_positive CHECK (used > 0)
) WITH (fillfactor = 50);
