-- add_suspension(id, grant_id, side, ground, reason, evidence, rectify, suspended_by, suspended_at)
-- one open per side: the index refuses a second
INSERT INTO authz.suspension (id, grant_id, side, ground, reason, evidence, rectify, suspended_by, suspended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- of_grant(grant_id)
-- oldest first; open and lifted
SELECT id, grant_id, side, ground, reason, evidence, rectify, suspended_by, suspended_at, answer, answered_by, answered_at,
    lifted_because, lifted_by, lifted_at
FROM authz.suspension WHERE grant_id = $1 ORDER BY id;

-- answer(id, answer, answered_by, answered_at)
-- the caller holds the grant and has seen that it is open and not answered
UPDATE authz.suspension SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1;

-- lift(id, lifted_because, lifted_by, lifted_at)
-- the caller holds the grant
UPDATE authz.suspension SET lifted_because = $2, lifted_by = $3, lifted_at = $4 WHERE id = $1;
