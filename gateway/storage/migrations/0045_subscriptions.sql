-- 订阅: changes pushed to departments that subscribed, with claim and feedback.

CREATE SCHEMA subscriptions;

CREATE TABLE subscriptions.subscription (
    id uuid CONSTRAINT a_subscription_is_made_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_subscription_is_under_a_grant REFERENCES authz.data_grant,
    resource_id uuid NOT NULL CONSTRAINT a_subscription_is_to_a_resource REFERENCES catalog.resource,
    resource_code text COLLATE "C" NOT NULL,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    url text NOT NULL,
    made_by text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL
);
CREATE UNIQUE INDEX a_grant_has_one_subscription ON subscriptions.subscription (grant_id) WHERE ended_at IS NULL;
CREATE INDEX subscriptions_to_a_resource ON subscriptions.subscription (resource_id) WHERE ended_at IS NULL;

CREATE TABLE subscriptions.change (
    id uuid CONSTRAINT a_change_is_published_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_change_is_of_a_resource REFERENCES catalog.resource,
    resource_code text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    messages integer NOT NULL,
    withheld integer NOT NULL,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_change_is_known CHECK (kind IN ('added', 'changed', 'ended'))
);

CREATE TABLE subscriptions.message (
    id uuid CONSTRAINT a_message_is_made_once PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    change_id uuid NOT NULL CONSTRAINT a_message_tells_a_change REFERENCES subscriptions.change,
    subscription_id uuid NOT NULL CONSTRAINT a_message_goes_to_a_subscription REFERENCES subscriptions.subscription,
    subject bytea NOT NULL,
    fields text[] NOT NULL,
    content bytea,
    claim_due_at timestamptz NOT NULL,
    feedback_due_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    delivered_at timestamptz,
    claimed_by text COLLATE "C",
    claimed_at timestamptz,
    result text COLLATE "C",
    words text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    reminded integer NOT NULL DEFAULT 0,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_message_is_reminded_of_twice_at_most CHECK (reminded BETWEEN 0 AND 2),
    CONSTRAINT a_message_state_is_known CHECK (state IN ('pending', 'delivered', 'withheld')),
    CONSTRAINT a_message_result_is_known CHECK (result IN ('done', 'not_concerned', 'wrong')),
    CONSTRAINT a_message_is_claimed_before_it_is_answered CHECK (answered_at IS NULL OR claimed_at IS NOT NULL),
    CONSTRAINT an_answered_message_keeps_nothing CHECK (answered_at IS NULL OR content IS NULL),
    CONSTRAINT what_waits_has_its_content CHECK (state <> 'pending' OR content IS NOT NULL)
);
CREATE INDEX messages_to_send ON subscriptions.message (next_at) WHERE state = 'pending';
CREATE INDEX messages_in_order ON subscriptions.message (subscription_id, subject, place) WHERE state = 'pending';
CREATE INDEX messages_newest_first ON subscriptions.message (subscription_id, id DESC);
CREATE INDEX messages_to_remind_of ON subscriptions.message (claim_due_at) WHERE answered_at IS NULL AND reminded < 2;
CREATE INDEX messages_kept ON subscriptions.message (change_id) WHERE content IS NOT NULL;
