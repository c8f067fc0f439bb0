-- Lets the database refuse audit records of chosen kinds, with a chosen SQLSTATE, until the row is taken away.
CREATE TABLE public.drill_refused (kind text NOT NULL, code text NOT NULL);
CREATE FUNCTION public.drill_refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    refused record;
BEGIN
    SELECT r.code INTO refused FROM public.drill_refused AS r
    WHERE r.kind = '*' OR position('"' || r.kind || '"' IN convert_from(NEW.events, 'UTF8')) > 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'refused by the drill' USING ERRCODE = refused.code;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER drill_refuse BEFORE INSERT ON audit.inbox FOR EACH ROW EXECUTE FUNCTION public.drill_refuse();
