-- add_query(id, owner, name, shared, wanted, saved_at)
-- an owner's names do not repeat
INSERT INTO audit.saved_query (id, owner, name, shared, wanted, saved_at)
VALUES ($1::uuid, $2::text, $3::text, $4::boolean, $5::text::jsonb, $6::timestamptz);

-- query_at(id)
-- whoever owns it: who may see it is the model's matter
SELECT id, owner, name, shared, wanted::text AS wanted, saved_at FROM audit.saved_query WHERE id = $1::uuid;

-- queries_of(owner, after, page)
-- the own ones and those that are shared, newest first
SELECT id, owner, name, shared, wanted::text AS wanted, saved_at
FROM audit.saved_query
WHERE (owner = $1::text OR shared) AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3::integer;

-- remove_query(id)
-- what it found was recorded each time; the query itself is no evidence
DELETE FROM audit.saved_query WHERE id = $1::uuid;
