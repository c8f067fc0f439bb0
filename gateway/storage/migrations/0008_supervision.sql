-- Supervision (督办): the clocks of cases of every kind as they last stood, and what is done about those that run out.

CREATE SCHEMA supervision;

-- A cache of what the rooms compute from their events: rewritten in the transaction of each step of the case.
CREATE TABLE supervision.clock (
    case_kind text COLLATE "C" NOT NULL,
    case_id uuid NOT NULL,
    rule text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    holder text COLLATE "C" NOT NULL CONSTRAINT a_clock_has_a_holder REFERENCES identity.org,
    parties text[] COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    is_open boolean NOT NULL,
    is_binding boolean NOT NULL,
    started_at timestamptz,
    due_at timestamptz,
    ended_at timestamptz,
    provisional boolean NOT NULL,
    calendar_version text COLLATE "C",
    rest_day text COLLATE "C",
    CONSTRAINT a_clock_runs_once_per_case_and_rule PRIMARY KEY (case_kind, case_id, rule),
    CONSTRAINT an_open_clock_is_due CHECK (NOT is_open OR due_at IS NOT NULL),
    CONSTRAINT a_binding_clock_is_open CHECK (is_open OR NOT is_binding),
    CONSTRAINT a_holder_is_a_party CHECK (parties @> ARRAY[holder])
);
CREATE INDEX open_cases_by_due ON supervision.clock (due_at, case_id) WHERE is_binding;
CREATE INDEX open_cases_of_a_party ON supervision.clock USING gin (parties) WHERE is_binding;
