-- Bookkeeping of migrations and of Idempotency-Keys; the powers every later file grants to.

DO $$
DECLARE
    power text;
BEGIN
    FOREACH power IN ARRAY ARRAY['gx_control', 'gx_exchange', 'gx_integrator', 'gx_reader', 'gx_retention'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', power);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- roles belong to the cluster: another database made it first
        END;
    END LOOP;
END
$$;

-- One row: what the master key of this installation gives, so that another key is refused before it does harm.
CREATE TABLE storage.installation (
    one boolean DEFAULT true CONSTRAINT there_is_one_installation PRIMARY KEY,
    key_check bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_is_true CHECK (one)
);

CREATE TABLE storage.once (
    actor text COLLATE "C" NOT NULL,
    route text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    made uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT a_key_is_used_once_per_actor_and_route PRIMARY KEY (actor, route, key),
    CONSTRAINT a_digest_is_sha256 CHECK (octet_length(digest) = 32)
);

-- Which process does a work that goes on; see lease.py.
CREATE TABLE storage.lease (
    name text COLLATE "C" CONSTRAINT a_work_has_one_lease PRIMARY KEY,
    holder uuid NOT NULL,
    until timestamptz NOT NULL
);
