-- Working-day calendars as they were published: what was known when decides when something was due.

CREATE TABLE supervision.calendar_edition (
    number integer CONSTRAINT an_edition_has_its_number PRIMARY KEY,
    version text COLLATE "C" NOT NULL,
    covered_until text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    source jsonb NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT editions_are_numbered_from_one CHECK (number > 0)
);
