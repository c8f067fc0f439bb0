-- Alerts on the audit log: what rules found, until somebody says what it was.

CREATE SCHEMA alerts;

CREATE TABLE alerts.alert (
    id uuid CONSTRAINT an_alert_is_raised_once PRIMARY KEY,
    rule text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times bigint NOT NULL,
    first_event uuid,
    last_event uuid,
    acknowledged_at timestamptz,
    acknowledged_by text COLLATE "C",
    note text,
    CONSTRAINT a_severity_is_known CHECK (severity IN ('critical', 'warning', 'notice')),
    CONSTRAINT an_alert_was_hit CHECK (times > 0),
    CONSTRAINT an_acknowledgement_is_somebodys CHECK (
        (acknowledged_at IS NULL) = (acknowledged_by IS NULL) AND (acknowledged_at IS NULL) = (note IS NULL)
    )
);
CREATE UNIQUE INDEX one_open_alert_per_rule_and_key ON alerts.alert (rule, key) WHERE acknowledged_at IS NULL;

-- One row: how far the log was looked at.
CREATE TABLE alerts.position (
    one boolean DEFAULT true CONSTRAINT there_is_one_position PRIMARY KEY,
    next_idx bigint NOT NULL,
    CONSTRAINT one_is_true CHECK (one)
);
