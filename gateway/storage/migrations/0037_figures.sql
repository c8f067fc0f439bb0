-- How many records of what kind a day has, between whom: what months are summed from. Derived from the ledger, hence
-- updatable; a department that a record does not name is ''.
CREATE TABLE audit.rollup (
    day date NOT NULL,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    records bigint NOT NULL,
    CONSTRAINT a_day_is_rolled_up_once PRIMARY KEY (day, consumer_org, provider_org, type, outcome),
    CONSTRAINT a_figure_counts CHECK (records > 0)
) WITH (fillfactor = 70);

-- Records with a lower index are in the rollup.
CREATE TABLE audit.rolled_up (
    beyond bigint NOT NULL,
    only_row boolean NOT NULL DEFAULT true CONSTRAINT the_log_is_rolled_up_to_one_place PRIMARY KEY,
    CONSTRAINT there_is_one_place CHECK (only_row),
    CONSTRAINT a_place_is_not_negative CHECK (beyond >= 0)
);
INSERT INTO audit.rolled_up (beyond) VALUES (0);
