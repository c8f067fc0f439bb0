-- known(codes, services, provider_org, names)
-- whatever an import could run into: its own entries, and others' codes and service names
SELECT id, code, service, provider_org, name, state, version, description, event_id, event_digest
FROM catalog.resource
WHERE code = ANY ($1::text[]) OR service = ANY ($2::text[]) OR (provider_org = $3 AND name = ANY ($4::text[]));

-- lock_entries(codes, provider_org)
-- two imports of one department, or an import and an act on an entry, follow each other; by id, so none waits in a ring
SELECT id FROM catalog.resource WHERE code = ANY ($1::text[]) AND provider_org = $2 ORDER BY id FOR UPDATE;

-- add_draft(id, code, service, provider_org, name, sharing_class, description, terms, wording, drafted_by, event_id, event_digest)
-- as add_resource of the catalogue, many at once
INSERT INTO catalog.resource (
    id, code, service, provider_org, name, sharing_class, description, terms, wording, drafted_by, event_id,
    event_digest, state, version
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'draft', 1);

-- change_draft(id, service, name, sharing_class, description, terms, wording, event_id, event_digest)
-- the code is what an entry is recognised by, so it stays; the version counts every change
UPDATE catalog.resource SET service = $2, name = $3, sharing_class = $4, description = $5, terms = $6, wording = $7,
    event_id = $8, event_digest = $9, returned_because = NULL, version = version + 1
WHERE id = $1;

-- count_rows(seen_by, published, provider_org)
-- rows of the form, one per data item, before anything is written
SELECT coalesce(sum(jsonb_array_length(description -> 'items')), 0)::bigint FROM catalog.resource
WHERE CASE WHEN $2::boolean THEN state = 'published' ELSE provider_org = $1 AND state <> 'withdrawn' END
    AND ($3::text IS NULL OR provider_org = $3);

-- exported(seen_by, published, provider_org)
-- as text: the writer in its own process is the first to read it
SELECT jsonb_build_object(
    'description', r.description, 'provider_code', r.provider_org, 'provider', o.name,
    'published', to_char(r.published_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')
)::text AS line
FROM catalog.resource r JOIN identity.org o ON o.code = r.provider_org
WHERE CASE WHEN $2::boolean THEN r.state = 'published' ELSE r.provider_org = $1 AND r.state <> 'withdrawn' END
    AND ($3::text IS NULL OR r.provider_org = $3)
ORDER BY r.code;
