-- Health of published resources: what is known now, the alarms, and figures by the hour.

CREATE SCHEMA monitoring;

-- One row per mounted resource; what is due is found by next_probe_at, so that N processes share the work.
CREATE TABLE monitoring.watch (
    resource_id uuid CONSTRAINT a_resource_is_watched_once PRIMARY KEY CONSTRAINT a_watch_is_of_a_resource REFERENCES catalog.resource,
    resource_version integer NOT NULL,
    next_probe_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'unknown',
    since timestamptz NOT NULL,
    probed_at timestamptz,
    latency_seconds double precision,
    refreshed_at timestamptz,
    recent_ok integer NOT NULL DEFAULT 0,
    recent_caller integer NOT NULL DEFAULT 0,
    recent_gateway integer NOT NULL DEFAULT 0,
    recent_provider integer NOT NULL DEFAULT 0,
    recent_invalid integer NOT NULL DEFAULT 0,
    recent_note text NOT NULL DEFAULT '',
    CONSTRAINT a_watch_state_is_known CHECK (state IN ('unknown', 'up', 'degraded', 'down'))
) WITH (fillfactor = 70);
CREATE INDEX watches_by_next_probe ON monitoring.watch (next_probe_at);

CREATE TABLE monitoring.alarm (
    id uuid CONSTRAINT an_alarm_is_raised_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT an_alarm_is_of_a_resource REFERENCES catalog.resource,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT an_alarm_names_a_provider REFERENCES identity.org,
    kind text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    said_en text NOT NULL,
    said_zh text NOT NULL,
    raised_at timestamptz NOT NULL,
    cleared_at timestamptz,
    event_id uuid NOT NULL,
    CONSTRAINT an_alarm_kind_is_known CHECK (kind IN ('unavailable', 'schema_drift', 'slow', 'stale', 'calls_fail')),
    CONSTRAINT an_alarm_side_is_known CHECK (side IN ('caller', 'gateway', 'provider')),
    CONSTRAINT an_alarm_ends_after_it_began CHECK (cleared_at >= raised_at)
);
CREATE UNIQUE INDEX one_open_alarm_per_resource_and_kind ON monitoring.alarm (resource_id, kind) WHERE cleared_at IS NULL;
CREATE INDEX alarms_of_a_provider ON monitoring.alarm (provider_org, id DESC);

-- Figures only: nothing here says who called or what was asked.
CREATE TABLE monitoring.hour (
    resource_id uuid NOT NULL CONSTRAINT an_hour_is_of_a_resource REFERENCES catalog.resource,
    hour timestamptz NOT NULL,
    probes integer NOT NULL DEFAULT 0,
    probes_failed integer NOT NULL DEFAULT 0,
    calls_ok integer NOT NULL DEFAULT 0,
    calls_caller integer NOT NULL DEFAULT 0,
    calls_gateway integer NOT NULL DEFAULT 0,
    calls_provider integer NOT NULL DEFAULT 0,
    call_seconds double precision NOT NULL DEFAULT 0,
    CONSTRAINT an_hour_is_counted_once PRIMARY KEY (resource_id, hour)
) WITH (fillfactor = 70);
CREATE INDEX hours_by_time ON monitoring.hour (hour);
