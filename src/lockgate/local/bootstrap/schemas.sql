-- The platform's schemas, who may use them, and what new objects in them are open to. Once per database.

CREATE SCHEMA auth;
CREATE SCHEMA extensions AUTHORIZATION postgres;
CREATE SCHEMA graphql;
CREATE SCHEMA graphql_public;
CREATE SCHEMA pgbouncer AUTHORIZATION pgbouncer;
-- Dumps of earlier years create their extension in a schema that they take to be there.
CREATE SCHEMA pgsodium;
CREATE SCHEMA realtime;
CREATE SCHEMA storage;
CREATE SCHEMA supabase_functions;
CREATE SCHEMA vault;

GRANT USAGE ON SCHEMA public TO postgres, anon, authenticated, service_role;
GRANT CREATE ON SCHEMA public TO postgres;

GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role, postgres;
GRANT ALL ON SCHEMA auth TO supabase_auth_admin, dashboard_user;

GRANT USAGE ON SCHEMA extensions TO anon, authenticated, service_role;
GRANT ALL ON SCHEMA extensions TO dashboard_user;

GRANT USAGE ON SCHEMA graphql, graphql_public TO postgres WITH GRANT OPTION;
GRANT USAGE ON SCHEMA graphql, graphql_public TO anon, authenticated, service_role;

GRANT USAGE ON SCHEMA realtime TO postgres WITH GRANT OPTION;
GRANT USAGE ON SCHEMA realtime TO anon, authenticated, service_role;
GRANT ALL ON SCHEMA realtime TO supabase_realtime_admin WITH GRANT OPTION;

GRANT USAGE ON SCHEMA storage TO postgres WITH GRANT OPTION;
GRANT USAGE ON SCHEMA storage TO anon, authenticated, service_role;
GRANT ALL ON SCHEMA storage TO supabase_storage_admin WITH GRANT OPTION;
GRANT ALL ON SCHEMA storage TO dashboard_user;

GRANT USAGE ON SCHEMA supabase_functions TO postgres, anon, authenticated, service_role;
GRANT ALL ON SCHEMA supabase_functions TO supabase_functions_admin;

GRANT USAGE ON SCHEMA pgsodium TO postgres, service_role;

GRANT USAGE ON SCHEMA vault TO postgres WITH GRANT OPTION;
GRANT USAGE ON SCHEMA vault TO service_role;

-- Every table that postgres makes in public is open to the API's roles until row-level security closes it.
DO $defaults$
DECLARE
    rule record;
    kind text;
BEGIN
    FOR rule IN SELECT * FROM (VALUES
        ('postgres',            'public',         'postgres, anon, authenticated, service_role', ''),
        ('supabase_admin',      'public',         'postgres, anon, authenticated, service_role', ''),
        ('postgres',            'storage',        'postgres, anon, authenticated, service_role', ''),
        ('supabase_admin',      'graphql',        'postgres, anon, authenticated, service_role', ''),
        ('supabase_admin',      'graphql_public', 'postgres, anon, authenticated, service_role', ''),
        ('supabase_auth_admin', 'auth',           'postgres, dashboard_user', ''),
        ('supabase_admin',      'realtime',       'postgres, dashboard_user', ''),
        ('supabase_admin',      'extensions',     'postgres', 'WITH GRANT OPTION')
    ) AS rules (creator, schema, grantees, suffix)
    LOOP
        FOREACH kind IN ARRAY ARRAY['TABLES', 'SEQUENCES', 'FUNCTIONS'] LOOP
            EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT ALL ON %s TO %s %s',
                           rule.creator, rule.schema, kind, rule.grantees, rule.suffix);
        END LOOP;
    END LOOP;
END
$defaults$;

-- An empty publication that belongs to the project's owner; the dashboard and migrations add tables to it.
CREATE PUBLICATION supabase_realtime;
ALTER PUBLICATION supabase_realtime OWNER TO postgres;

GRANT EXECUTE ON FUNCTION pg_catalog.pg_reload_conf() TO postgres;

-- Orders of texts that hosted servers know by name, where this one does not: by code point instead.
DO $collations$
DECLARE
    source name := (SELECT collname FROM pg_collation WHERE collname IN ('pg_c_utf8', 'C') ORDER BY collname DESC LIMIT 1);
    wanted name;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'en_US', 'en_US.utf8', 'und-x-icu', 'en-x-icu', 'en-US-x-icu', 'en-GB-x-icu', 'de-x-icu', 'es-x-icu',
        'fr-x-icu', 'it-x-icu', 'ja-x-icu', 'nl-x-icu', 'pl-x-icu', 'pt-BR-x-icu', 'pt-x-icu', 'tr-x-icu', 'zh-x-icu'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_collation WHERE collname = wanted AND collnamespace = 'pg_catalog'::regnamespace
                       AND collencoding IN (-1, (SELECT encoding FROM pg_database WHERE datname = current_database())))
        THEN
            EXECUTE format('CREATE COLLATION pg_catalog.%I FROM pg_catalog.%I', wanted, source);
        END IF;
    END LOOP;
END
$collations$;
