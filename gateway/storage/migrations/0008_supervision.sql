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
    overdue boolean NOT NULL,
    reckoned jsonb NOT NULL,
    light smallint NOT NULL DEFAULT 3,
    desk text COLLATE "C" NOT NULL DEFAULT 'handler',
    next_at timestamptz,
    planned_by text COLLATE "C",
    CONSTRAINT a_light_is_known CHECK (light BETWEEN 0 AND 3),
    CONSTRAINT a_desk_is_known CHECK (desk IN ('handler', 'deputy', 'head')),
    CONSTRAINT a_clock_runs_once_per_case_and_rule PRIMARY KEY (case_kind, case_id, rule),
    CONSTRAINT an_open_clock_is_due CHECK (NOT is_open OR due_at IS NOT NULL),
    CONSTRAINT a_binding_clock_is_open CHECK (is_open OR NOT is_binding),
    CONSTRAINT a_holder_is_a_party CHECK (parties @> ARRAY[holder])
);
CREATE INDEX open_cases_by_urgency ON supervision.clock (light, due_at, case_id) WHERE is_binding;
CREATE INDEX open_cases_of_a_party ON supervision.clock USING gin (parties) WHERE is_binding;
-- the timers: minus infinity asks for a plan, null for nothing
CREATE INDEX clocks_by_next_step ON supervision.clock (next_at) WHERE next_at IS NOT NULL;

-- A step of the ladder, taken once for one due instant of one clock of one case.
CREATE TABLE supervision.step (
    case_kind text COLLATE "C" NOT NULL,
    case_id uuid NOT NULL,
    rule text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    step text COLLATE "C" NOT NULL,
    planned_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    CONSTRAINT a_step_is_taken_once PRIMARY KEY (case_kind, case_id, rule, due_at, step),
    CONSTRAINT a_step_follows_a_clock FOREIGN KEY (case_kind, case_id, rule) REFERENCES supervision.clock
);

-- A breach stays for ever: what happened is never changed, only explained and, when the act was done after all, dated.
CREATE TABLE supervision.breach (
    id uuid CONSTRAINT a_breach_is_recorded_once PRIMARY KEY,
    case_kind text COLLATE "C" NOT NULL,
    case_id uuid NOT NULL,
    rule text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    subject text NOT NULL,
    holder text COLLATE "C" NOT NULL CONSTRAINT a_breach_has_a_holder REFERENCES identity.org,
    parties text[] COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    reason text,
    reason_by text COLLATE "C",
    reason_at timestamptz,
    ended_at timestamptz,
    ended_as text COLLATE "C",
    CONSTRAINT a_clock_is_breached_once_per_due_instant UNIQUE (case_kind, case_id, rule, due_at),
    CONSTRAINT a_reason_is_somebodys CHECK ((reason IS NULL) = (reason_by IS NULL))
);
CREATE INDEX breaches_of_a_party ON supervision.breach USING gin (parties);

CREATE FUNCTION supervision.refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a breach stays on record';
END $$;
CREATE TRIGGER a_breach_stays BEFORE DELETE OR TRUNCATE ON supervision.breach
    FOR EACH STATEMENT EXECUTE FUNCTION supervision.refuse_removal();

-- 督办单: to the head of the department that holds an overdue case.
CREATE TABLE supervision.work_order (
    id uuid CONSTRAINT an_order_is_issued_once PRIMARY KEY,
    case_kind text COLLATE "C" NOT NULL,
    case_id uuid NOT NULL,
    rule text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    subject text NOT NULL,
    holder text COLLATE "C" NOT NULL CONSTRAINT an_order_has_an_addressee REFERENCES identity.org,
    head text NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_with jsonb NOT NULL,
    answer text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    outcome text,
    closed_by text COLLATE "C",
    closed_at timestamptz,
    closed_with jsonb,
    version integer NOT NULL DEFAULT 1,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT an_order_says_what_changed CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX orders_to_a_department ON supervision.work_order (holder, id DESC);

-- Who is told: one person per desk of a department.
CREATE TABLE supervision.contact (
    org text COLLATE "C" NOT NULL CONSTRAINT a_contact_has_a_department REFERENCES identity.org,
    desk text COLLATE "C" NOT NULL,
    name text NOT NULL,
    email text,
    webhook text,
    set_at timestamptz NOT NULL,
    CONSTRAINT one_contact_per_desk PRIMARY KEY (org, desk),
    CONSTRAINT a_desk_of_a_department_is_known CHECK (desk IN ('handler', 'deputy', 'head'))
);

-- Notices on their way: delivered at least once, each under an id by which the receiver can tell a repetition.
CREATE TABLE supervision.notification (
    id uuid CONSTRAINT a_notice_is_written_once PRIMARY KEY,
    org text COLLATE "C" NOT NULL CONSTRAINT a_notice_goes_to_a_department REFERENCES identity.org,
    desk text COLLATE "C" NOT NULL,
    name text NOT NULL,
    channel text COLLATE "C" NOT NULL,
    target text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    state text COLLATE "C" NOT NULL,
    last_error text,
    sent_at timestamptz,
    CONSTRAINT a_notice_state_is_known CHECK (state IN ('pending', 'sent', 'undeliverable')),
    CONSTRAINT a_channel_is_known CHECK (channel IN ('webhook', 'email', 'none')),
    CONSTRAINT a_sent_notice_has_its_instant CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notices_to_send ON supervision.notification (next_at) WHERE state = 'pending';
CREATE INDEX notices_to_a_department ON supervision.notification (org, id DESC);
