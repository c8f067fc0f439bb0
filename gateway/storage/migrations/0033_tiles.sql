-- The hashes of the tree in rows of 256: what proofs are built from, also when the records below are gone.

CREATE TABLE audit.tile (
    n bigint CONSTRAINT a_tile_is_filled_once PRIMARY KEY,
    data bytea NOT NULL,
    CONSTRAINT a_tile_has_a_place CHECK (n >= 0),
    CONSTRAINT a_tile_holds_256_hashes CHECK (octet_length(data) = 8192)
);
-- hashes do not compress
ALTER TABLE audit.tile ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE audit.node (
    level smallint NOT NULL,
    n bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT a_node_is_known_once PRIMARY KEY (level, n),
    CONSTRAINT a_node_has_a_place CHECK (n >= 0 AND level BETWEEN 1 AND 7),
    CONSTRAINT a_node_is_sha256 CHECK (octet_length(hash) = 32)
);

CREATE TRIGGER tile_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.tile
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER node_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.node
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
