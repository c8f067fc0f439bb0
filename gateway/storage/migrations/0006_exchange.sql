-- What calls use up: per day, and of grants that bound the calls of a minute how far ahead of the clock they are.

CREATE SCHEMA exchange;

CREATE TABLE exchange.quota_day (
    grant_id uuid NOT NULL CONSTRAINT quota_belongs_to_a_grant REFERENCES authz.data_grant,
    day date NOT NULL,
    used integer NOT NULL,
    -- set aside for processes that have not told yet what became of it; never more than the grant has left
    leased integer NOT NULL DEFAULT 0,
    -- how much of that the last asking got
    lent integer NOT NULL DEFAULT 0,
    -- microseconds since 1970: each call moves it on by its share of a minute, and it may lie one minute ahead
    spaced_until bigint NOT NULL DEFAULT 0,
    CONSTRAINT quota_is_counted_once_per_day PRIMARY KEY (grant_id, day),
    CONSTRAINT quota_used_is_no_debt CHECK (used >= 0 AND leased >= 0)
) WITH (fillfactor = 50);
