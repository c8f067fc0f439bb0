-- Standing authorisations (平台授权): a provider lets the platform answer for one of its resources. Bulk requests: which
-- applications were filed together, by which department.

CREATE TABLE authz.standing_authorisation (
    id uuid CONSTRAINT a_standing_authorisation_is_given_once PRIMARY KEY,
    resource_id uuid NOT NULL CONSTRAINT a_standing_authorisation_is_for_a_resource REFERENCES catalog.resource,
    provider_org text COLLATE "C" NOT NULL,
    scope text NOT NULL,
    sign_off jsonb NOT NULL,
    given_by text COLLATE "C" NOT NULL,
    given_at timestamptz NOT NULL,
    ended_by text COLLATE "C",
    ended_at timestamptz,
    CONSTRAINT an_ended_authorisation_says_by_whom CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX one_standing_authorisation_is_in_force ON authz.standing_authorisation (resource_id)
    WHERE ended_at IS NULL;

CREATE TABLE authz.bulk_item (
    bulk_id uuid NOT NULL,
    place integer NOT NULL,
    application_id uuid NOT NULL CONSTRAINT a_bulk_item_is_an_application REFERENCES authz.application,
    filed_org text COLLATE "C" NOT NULL,
    CONSTRAINT a_bulk_has_each_place_once PRIMARY KEY (bulk_id, place)
);
