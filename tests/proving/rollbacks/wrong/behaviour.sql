-- case: old_body_lost   expect: differs   says: function
-- before
CREATE FUNCTION old_body_lost() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migration
CREATE OR REPLACE FUNCTION old_body_lost() RETURNS int LANGUAGE sql AS 'SELECT 2';
-- rollback
CREATE OR REPLACE FUNCTION old_body_lost() RETURNS int LANGUAGE sql AS 'SELECT 3';

-- case: volatility_lost   expect: differs   says: IMMUTABLE
-- before
CREATE FUNCTION volatility_lost(a int) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1';
-- migration
DROP FUNCTION volatility_lost(int);
-- rollback
CREATE FUNCTION volatility_lost(a int) RETURNS int LANGUAGE sql STRICT PARALLEL SAFE AS 'SELECT $1';

-- case: security_lost   expect: differs   says: SECURITY DEFINER
-- before
CREATE FUNCTION security_lost() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';
-- migration
ALTER FUNCTION security_lost() SECURITY INVOKER;
-- rollback
ALTER FUNCTION security_lost() SET search_path = '';

-- case: trigger_lost   expect: differs   says: trigger
-- before
CREATE TABLE trigger_lost (a int);
CREATE FUNCTION trigger_lost_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON trigger_lost FOR EACH ROW EXECUTE FUNCTION trigger_lost_f();
-- migration
DROP FUNCTION trigger_lost_f() CASCADE;
-- rollback
CREATE FUNCTION trigger_lost_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';

-- case: trigger_left_disabled   expect: differs   says: enabled
-- before
CREATE TABLE trigger_off (a int);
CREATE FUNCTION trigger_off_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON trigger_off FOR EACH ROW EXECUTE FUNCTION trigger_off_f();
-- migration
ALTER TABLE trigger_off DISABLE TRIGGER tr;
-- rollback
ALTER TABLE trigger_off ENABLE ALWAYS TRIGGER tr;

-- case: policy_for_everybody   expect: differs   says: policy
-- before
CREATE TABLE policy_all (a int);
ALTER TABLE policy_all ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON policy_all FOR SELECT TO pg_monitor USING (a > 1);
-- migration
DROP POLICY p ON policy_all;
-- rollback
CREATE POLICY p ON policy_all FOR SELECT USING (a > 1);

-- case: policy_without_check   expect: differs   says: check
-- before
CREATE TABLE policy_check (a int);
CREATE POLICY p ON policy_check FOR ALL USING (a > 1) WITH CHECK (a > 2);
-- migration
ALTER POLICY p ON policy_check USING (true) WITH CHECK (true);
-- rollback
ALTER POLICY p ON policy_check USING (a > 1);

-- case: row_security_left_on   expect: differs   says: row security
-- before
CREATE TABLE rls_on (a int);
-- migration
ALTER TABLE rls_on ENABLE ROW LEVEL SECURITY;
ALTER TABLE rls_on FORCE ROW LEVEL SECURITY;
-- rollback
ALTER TABLE rls_on NO FORCE ROW LEVEL SECURITY;

-- case: enum_value_stays   expect: differs   says: type
-- before
CREATE TYPE enum_stays AS ENUM ('a', 'b');
-- migration
ALTER TYPE enum_stays ADD VALUE 'c';
-- rollback
SELECT 'an enum value cannot be dropped';

-- case: view_option_lost   expect: differs   says: security_invoker
-- before
CREATE VIEW view_option WITH (security_invoker = true) AS SELECT 1 AS a;
-- migration
CREATE OR REPLACE VIEW view_option AS SELECT 1 AS a, 2 AS b;
-- rollback
DROP VIEW view_option;
CREATE VIEW view_option AS SELECT 1 AS a;

-- case: domain_check_lost   expect: differs   says: constraint
-- before
CREATE DOMAIN domain_check AS int CONSTRAINT small CHECK (VALUE < 10);
-- migration
ALTER DOMAIN domain_check DROP CONSTRAINT small;
-- rollback
ALTER DOMAIN domain_check ADD CONSTRAINT small CHECK (VALUE < 100);

-- case: default_privileges_stay   expect: differs   says: default privileges
-- before
CREATE SCHEMA dp;
-- migration
ALTER DEFAULT PRIVILEGES IN SCHEMA dp GRANT SELECT ON TABLES TO pg_monitor;
-- rollback
ALTER DEFAULT PRIVILEGES IN SCHEMA dp REVOKE SELECT ON SEQUENCES FROM pg_monitor;

-- case: sequence_settings_lost   expect: differs   says: increment
-- before
CREATE SEQUENCE sequence_settings INCREMENT 10 CACHE 5;
-- migration
ALTER SEQUENCE sequence_settings INCREMENT 1;
-- rollback
ALTER SEQUENCE sequence_settings INCREMENT 5;

-- case: sequence_loses_its_owner   expect: differs   says: sequence
-- before
CREATE TABLE sequence_owner (id serial, other int);
-- migration
ALTER SEQUENCE sequence_owner_id_seq OWNED BY NONE;
-- rollback
ALTER SEQUENCE sequence_owner_id_seq OWNED BY sequence_owner.other;
