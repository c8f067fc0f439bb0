-- 一数一源: what items mean, who claims to be the source of it, and which department the authority named.

CREATE TABLE catalog.element (
    id uuid CONSTRAINT an_element_is_named_once PRIMARY KEY,
    code text COLLATE "C" NOT NULL CONSTRAINT an_element_code_is_unique UNIQUE,
    lead_org text COLLATE "C" CONSTRAINT a_lead_source_is_a_department REFERENCES identity.org,
    lead_because text,
    lead_named_by text COLLATE "C",
    lead_named_at timestamptz,
    version integer NOT NULL,
    event_id uuid,
    event_digest bytea,
    CONSTRAINT a_lead_source_has_its_reason CHECK ((lead_org IS NULL) = (lead_because IS NULL))
);

CREATE TABLE catalog.item_claim (
    resource_id uuid NOT NULL CONSTRAINT a_claim_is_for_a_resource REFERENCES catalog.resource,
    item text COLLATE "C" NOT NULL,
    element_id uuid NOT NULL CONSTRAINT a_claim_names_an_element REFERENCES catalog.element,
    provider_org text COLLATE "C" NOT NULL CONSTRAINT a_claim_is_a_departments REFERENCES identity.org,
    position text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    basis text,
    claimed_at timestamptz NOT NULL,
    CONSTRAINT an_item_means_one_thing PRIMARY KEY (resource_id, item),
    CONSTRAINT a_position_is_known CHECK (position IN ('source', 'copy')),
    CONSTRAINT an_origin_is_known CHECK (origin IN ('description', 'claim'))
);
CREATE INDEX claims_of_an_element ON catalog.item_claim (element_id);
CREATE INDEX claims_of_a_department ON catalog.item_claim (provider_org, element_id);

-- How each element stands among the entries that are under review or published.
CREATE VIEW catalog.element_standing AS
SELECT e.id, e.code,
    CASE
        WHEN e.lead_org IS NULL AND count(DISTINCT c.provider_org) > 1 THEN 'open'
        WHEN e.lead_org IS NULL THEN 'single'
        WHEN bool_or(c.position = 'source' AND c.provider_org <> e.lead_org) THEN 'unmarked'
        ELSE 'settled'
    END AS standing
FROM catalog.element e
JOIN catalog.item_claim c ON c.element_id = e.id
JOIN catalog.resource r ON r.id = c.resource_id AND r.state IN ('review', 'published')
GROUP BY e.id;
