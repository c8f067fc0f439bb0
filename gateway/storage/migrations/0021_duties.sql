-- 数据共享责任清单: what a department shares, with whom, by when and who answers; as published, by year and version.

CREATE TABLE reports.duty_list (
    id uuid CONSTRAINT a_duty_list_is_published_once PRIMARY KEY,
    org text COLLATE "C" NOT NULL CONSTRAINT a_duty_list_is_a_departments REFERENCES identity.org,
    year integer NOT NULL,
    version integer NOT NULL,
    lines jsonb NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_version_of_a_year_stands_once UNIQUE (org, year, version),
    CONSTRAINT a_year_is_plausible CHECK (year BETWEEN 2018 AND 2100)
);
CREATE INDEX duty_lists_by_id ON reports.duty_list (id DESC);
