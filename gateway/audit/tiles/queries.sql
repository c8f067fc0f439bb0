-- add_filled(numbers, data, levels, places, hashes)
-- tiles, and the roots over full tiles, over 256 of those, and so on; written once: a second one of one place is refused
WITH tiles AS (
    INSERT INTO audit.tile (n, data) SELECT n, data FROM unnest($1::bigint[], $2::bytea[]) AS filled (n, data)
)
INSERT INTO audit.node (level, n, hash)
SELECT level, n, hash FROM unnest($3::smallint[], $4::bigint[], $5::bytea[]) AS known (level, n, hash);

-- mend_filled(numbers, data, levels, places, hashes)
-- fills gaps only: what is there stays
WITH tiles AS (
    INSERT INTO audit.tile (n, data) SELECT n, data FROM unnest($1::bigint[], $2::bytea[]) AS filled (n, data)
    ON CONFLICT ON CONSTRAINT a_tile_is_filled_once DO NOTHING
)
INSERT INTO audit.node (level, n, hash)
SELECT level, n, hash FROM unnest($3::smallint[], $4::bigint[], $5::bytea[]) AS known (level, n, hash)
ON CONFLICT ON CONSTRAINT a_node_is_known_once DO NOTHING;

-- leaves(first, beyond)
-- leaf hashes in order
SELECT leaf_hash FROM audit.ledger WHERE idx >= $1::bigint AND idx < $2::bigint ORDER BY idx;

-- count_tiles()
-- fewer than the head has room for: the ledger grew before tiles were kept
SELECT count(*) FROM audit.tile;

-- all_tiles()
-- in order, for verification
SELECT n, data FROM audit.tile ORDER BY n;

-- lowest()
-- where the records begin that were not dropped
SELECT min(idx) FROM audit.ledger;

-- first_tiles(last)
-- in order, for the leaves of dropped records
SELECT n, data FROM audit.tile WHERE n <= $1::bigint ORDER BY n;

-- all_nodes()
-- in the order in which they became known, for verification
SELECT level, n, hash FROM audit.node ORDER BY (n + 1) << (8 * level), level;

-- tiles(numbers)
-- some full tiles
SELECT n, data FROM audit.tile WHERE n = ANY ($1::bigint[]);

-- nodes(levels, firsts, beyonds)
-- some runs of nodes
SELECT node.level, node.n, node.hash
FROM unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS run (level, first, beyond)
JOIN audit.node ON node.level = run.level AND node.n >= run.first AND node.n < run.beyond;
