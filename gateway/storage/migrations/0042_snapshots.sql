-- What calls rely on and no longer ask for each time: every change of a grant, a client or a published resource is told
-- to the processes that hold a copy, at its commit by NOTIFY and for a while by a row, for those who did not hear.

CREATE TABLE exchange.change (
    made_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    n bigint GENERATED ALWAYS AS IDENTITY,
    kind text COLLATE "C" NOT NULL CONSTRAINT a_change_is_of_a_known_kind CHECK (kind IN ('grant', 'client', 'resource')),
    key text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT a_change_is_told_once PRIMARY KEY (made_in, n)
);
CREATE INDEX changes_by_time ON exchange.change (made_at);

CREATE FUNCTION exchange.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO exchange.change (kind, key) VALUES (TG_ARGV[0], NEW.id::text);
    PERFORM pg_notify('exchange_change', TG_ARGV[0] || ' ' || NEW.id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER tell_change AFTER UPDATE ON authz.data_grant
    FOR EACH ROW EXECUTE FUNCTION exchange.tell_change('grant');
CREATE TRIGGER tell_change AFTER UPDATE ON identity.client
    FOR EACH ROW WHEN (OLD.active IS DISTINCT FROM NEW.active) EXECUTE FUNCTION exchange.tell_change('client');
CREATE TRIGGER tell_change AFTER UPDATE ON catalog.resource
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL OR NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION exchange.tell_change('resource');
