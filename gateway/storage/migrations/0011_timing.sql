-- Acts on the clocks of applications: extensions from the asking to the decision, pauses, hand-overs.

CREATE TABLE authz.clock_act (
    application_id uuid NOT NULL CONSTRAINT an_act_belongs_to_an_application REFERENCES authz.application,
    number integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    rule text COLLATE "C",
    half_days integer,
    reason text COLLATE "C",
    basis text,
    origin text,
    target text,
    done_by text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_act_stands_once PRIMARY KEY (application_id, number),
    CONSTRAINT an_act_is_known CHECK (kind IN ('paused', 'resumed', 'extended', 'transferred'))
);

CREATE TABLE authz.extension (
    id uuid CONSTRAINT an_extension_is_asked_once PRIMARY KEY,
    application_id uuid NOT NULL CONSTRAINT an_extension_belongs_to_an_application REFERENCES authz.application,
    rule text COLLATE "C" NOT NULL,
    half_days integer NOT NULL,
    reason text NOT NULL,
    notice text,
    asked_by text COLLATE "C" NOT NULL,
    asked_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    decided_by text COLLATE "C",
    decided_at timestamptz,
    opinion text,
    told_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_extension_has_days CHECK (half_days > 0),
    CONSTRAINT an_extension_state_is_known CHECK (state IN ('asked', 'granted', 'declined')),
    CONSTRAINT who_asks_for_an_extension_does_not_decide_it CHECK (decided_by <> asked_by)
);
CREATE INDEX extensions_of_an_application ON authz.extension (application_id, id);
CREATE UNIQUE INDEX one_extension_of_a_clock_is_asked_at_a_time ON authz.extension (application_id, rule)
    WHERE state = 'asked';
