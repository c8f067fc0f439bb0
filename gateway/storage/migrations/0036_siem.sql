-- Records sent on to security monitoring: where each sink stands.

CREATE SCHEMA siem;

CREATE TABLE siem.position (
    sink text COLLATE "C" CONSTRAINT a_sink_has_one_position PRIMARY KEY,
    next_idx bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT a_position_is_not_negative CHECK (next_idx >= 0)
);
