-- 好差评: what recipients think of a service, and the provider's answer.

CREATE TABLE quality.rating (
    id uuid CONSTRAINT a_rating_is_given_once PRIMARY KEY,
    grant_id uuid NOT NULL CONSTRAINT a_rating_is_under_a_grant REFERENCES authz.data_grant,
    month text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    consumer_org text COLLATE "C" NOT NULL,
    provider_org text COLLATE "C" NOT NULL,
    score smallint NOT NULL,
    about text COLLATE "C" NOT NULL,
    words text NOT NULL,
    rated_by text COLLATE "C" NOT NULL,
    rated_at timestamptz NOT NULL,
    answer_due_at timestamptz,
    answer text,
    measures text,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    event_id uuid NOT NULL,
    event_digest bytea NOT NULL,
    CONSTRAINT a_grant_is_rated_once_a_month UNIQUE (grant_id, month),
    CONSTRAINT a_score_is_one_to_five CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT an_aspect_is_known CHECK (about IN ('accuracy', 'timeliness', 'stability', 'usefulness', 'service')),
    CONSTRAINT a_bad_rating_is_to_be_answered CHECK ((score <= 2) = (answer_due_at IS NOT NULL)),
    CONSTRAINT who_rates_does_not_answer CHECK (answered_by <> rated_by)
);
CREATE INDEX ratings_of_a_consumer ON quality.rating (consumer_org, id DESC);
CREATE INDEX ratings_of_a_provider ON quality.rating (provider_org, id DESC);
CREATE INDEX ratings_to_answer ON quality.rating (answer_due_at) WHERE answer IS NULL AND answer_due_at IS NOT NULL;
