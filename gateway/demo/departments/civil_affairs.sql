-- make_database()
-- on a connection to another database, and by itself: PostgreSQL makes no database inside a transaction
CREATE DATABASE civil_affairs;

-- make_tables()
-- what the department keeps, and the view it shares: one line per person, of the last marriage on record
CREATE TABLE marriage_registration (
    certificate_no text CONSTRAINT a_certificate_is_issued_once PRIMARY KEY,
    registered_on date NOT NULL,
    ended_on date,
    one_id text NOT NULL,
    one_name text NOT NULL,
    other_id text NOT NULL,
    other_name text NOT NULL,
    registrar text NOT NULL
);
CREATE VIEW marriage_check AS
SELECT DISTINCT ON (id_number) id_number, married, registered_on, certificate_no, spouse_name, registrar
FROM (
    SELECT one_id AS id_number, ended_on IS NULL AS married, registered_on, certificate_no,
           other_name AS spouse_name, registrar
    FROM marriage_registration
    UNION ALL
    SELECT other_id, ended_on IS NULL, registered_on, certificate_no, one_name, registrar
    FROM marriage_registration
) AS each_side
ORDER BY id_number, registered_on DESC;

-- add_marriage(certificate_no, registered_on, ended_on, one_id, one_name, other_id, other_name)
-- the registrar is the department's own business and stands in no catalogue
INSERT INTO marriage_registration
    (certificate_no, registered_on, ended_on, one_id, one_name, other_id, other_name, registrar)
VALUES ($1, $2, $3, $4, $5, $6, $7, '示例登记员');

-- say_password(password)
-- kept for the session: a role's password cannot be an argument
SELECT set_config('demo.password', $1, false);

-- make_reader()
-- the login the gateway gets: it may read the view, and nothing else
DO $make$ BEGIN
    EXECUTE format('CREATE ROLE gateway_reader LOGIN PASSWORD %L', current_setting('demo.password'));
    ALTER ROLE gateway_reader SET default_transaction_read_only = on;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO gateway_reader;
    GRANT SELECT ON marriage_check TO gateway_reader;
END $make$;
